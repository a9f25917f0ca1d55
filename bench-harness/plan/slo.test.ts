import { expect, it } from 'vitest'
import { parseSlo, SloSyntaxError } from './slo.ts'

it('objectives are read with their units: shares, counts, milliseconds', () => {
  expect(parseSlo('ready>=99.9% p99<50ms, loss=0 delivery.p99.9<=1.5s max<2s')).toEqual([
    { text: 'ready>=99.9%', figure: 'ready', operator: '>=', bound: 0.9990000000000001 },
    { text: 'p99<50ms', figure: 'p99', operator: '<', bound: 50 },
    { text: 'loss=0', figure: 'loss', operator: '=', bound: 0 },
    {
      text: 'delivery.p99.9<=1.5s',
      figure: 'p99.9',
      kind: 'delivery',
      operator: '<=',
      bound: 1_500,
    },
    { text: 'max<2s', figure: 'max', operator: '<', bound: 2_000 },
  ])
})

it('no objectives are read from nothing', () => {
  expect(parseSlo(' , ')).toEqual([])
})

it.each([
  ['fast', 'is no comparison'],
  ['p99 < 50ms', 'is no comparison'],
  ['ready>=99', 'needs a percentage'],
  ['echo.ready>=99%', 'needs a percentage'],
  ['loss=0%', 'needs a plain number'],
  ['p42<50ms', 'names no figure'],
  ['p99<50', 'needs a time'],
  ['p99<50%', 'needs a time'],
])('"%s" is refused: %s', (text, why) => {
  expect(() => parseSlo(text)).toThrow(SloSyntaxError)
  expect(() => parseSlo(text)).toThrow(why)
})
