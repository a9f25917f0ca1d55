import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Change } from '../store/driver.ts'
import {
  applyChanges,
  compact,
  encodeChange,
  encodeHeader,
  type JournalState,
  parseHeader,
  readJournal,
} from './journal.ts'

const scope = { server: 'ws://example.test/rusher', user: 'ada\n"x"' }

const name = fc.string({ maxLength: 8 })
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    kind: fc.constant('put' as const),
    publish: fc.record(
      { id: name, channel: name, bodyText: fc.json(), expect: fc.nat() },
      { requiredKeys: ['id', 'channel', 'bodyText'] },
    ),
  }),
  fc.record({ kind: fc.constant('remove' as const), id: name }),
  fc.record(
    {
      kind: fc.constant('position' as const),
      channel: name,
      position: fc.record({ epoch: name, offset: fc.nat() }),
    },
    { requiredKeys: ['kind', 'channel'] },
  ),
)

function after(changes: readonly Change[]): JournalState {
  const state: JournalState = { publishes: new Map(), positions: new Map() }
  applyChanges(state, changes)
  return state
}

test('a journal read back is what was written, also when it was compacted', () => {
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const text = encodeHeader(scope) + changes.map(encodeChange).join('')
      expect(readJournal(text)).toEqual(after(changes))
      expect(readJournal(compact(scope, after(changes)))).toEqual(after(changes))
      expect(parseHeader(text)).toEqual(scope)
    }),
  )
})

test('a journal cut off anywhere has all lines before the cut', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 1 }), fc.nat(), (changes, cut) => {
      const lines = changes.map(encodeChange)
      const at = cut % changes.length
      const whole = encodeHeader(scope) + lines.slice(0, at).join('')
      const half = (lines[at] ?? '').slice(0, -2)
      expect(readJournal(whole + half)).toEqual(after(changes.slice(0, at)))
    }),
  )
})

test('what is no journal has no owner and holds nothing', () => {
  for (const text of ['', '\n', 'x', '{}\n', '{"journal":2}\n', '[1]\n']) {
    expect(parseHeader(text)).toBeUndefined()
    expect(readJournal(text)).toEqual(after([]))
  }
})
