import { expect, test } from 'vitest'
import { chooseListeners, type Standing } from './choose-listeners.ts'

interface Named extends Standing {
  readonly name: string
}

const named = (name: string, part: Partial<Standing> = {}): Named => ({
  name,
  told: false,
  listens: false,
  fullness: 'room',
  ...part,
})
const listens = { told: true, listens: true }

function choose(edges: readonly Named[]): readonly string[] {
  const { open, rest } = chooseListeners(edges, 2)
  return [...open.map(({ name }) => `open ${name}`), ...rest.map(({ name }) => `rest ${name}`)]
}

test('as many as wanted listen, and the others stand by', () => {
  expect(choose([named('a'), named('b'), named('c')])).toEqual(['open a', 'open b'])
  expect(choose([named('a', listens), named('b', listens), named('c')])).toEqual([])
})

test('another begins to listen beside one that is filling', () => {
  const a = named('a', { ...listens, fullness: 'filling' })
  expect(choose([a, named('b', listens), named('c')])).toEqual(['open c'])
  expect(choose([a, named('b', listens), named('c', listens)])).toEqual([])
})

test('one that is nearly full goes on until enough others listen', () => {
  const a = named('a', { ...listens, fullness: 'nearly-full' })
  const b = named('b', listens)
  expect(choose([a, b, named('c')])).toEqual(['open c'])
  expect(choose([a, b, named('c', { told: true })])).toEqual([])
  expect(choose([a, b, named('c', listens)])).toEqual(['rest a'])
})

test('those that are filling are enough when none has more room', () => {
  const filling = named('b', { ...listens, fullness: 'filling' })
  const rested = named('c', { fullness: 'filling' })
  const full = named('a', { ...listens, fullness: 'nearly-full' })
  expect(choose([full, filling, rested])).toEqual(['open c'])
  expect(choose([full, filling, { ...rested, ...listens }])).toEqual(['rest a'])
})

test('the last that has room is enough, and when none has all listen', () => {
  const full = { fullness: 'nearly-full' } as const
  const a = named('a', { ...full, ...listens })
  const b = named('b', full)
  expect(choose([a, b, named('c')])).toEqual(['open c'])
  expect(choose([a, b, named('c', listens)])).toEqual(['rest a'])
  expect(choose([a, b, named('c', full)])).toEqual(['open b', 'open c'])
})
