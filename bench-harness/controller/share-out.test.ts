import { expect, test } from 'vitest'
import { turnsOf } from './share-out.ts'

test('as many workers of a host open their connections at a time as it has processors', () => {
  const turns = turnsOf([{ workers: 5, cores: 2 }])
  expect(turns.map(({ before, abreast, place }) => [before, abreast, place])).toEqual([
    [0, 2, 0],
    [0, 2, 1],
    [2, 2, 0],
    [2, 2, 1],
    [4, 1, 0],
  ])
})

test('hosts take their turns at the same time', () => {
  const turns = turnsOf([
    { workers: 3, cores: 2 },
    { workers: 1, cores: 8 },
  ])
  expect(turns.map(({ before, abreast, place }) => [before, abreast, place])).toEqual([
    [0, 3, 0],
    [0, 3, 1],
    [3, 1, 0],
    [0, 3, 2],
  ])
})
