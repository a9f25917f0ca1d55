import type { Position } from '../../protocol/position.ts'
import type { Change, Scope } from '../store/driver.ts'
import { parseJson, parsePosition, parsePublish } from '../store/parse-stored.ts'
import type { StoredPublish } from '../store/store.ts'

/** What a journal holds at its end. */
export interface JournalState {
  readonly publishes: Map<string, StoredPublish>
  readonly positions: Map<string, Position>
}

/** Encodes the first line of a journal: whose it is. */
export function encodeHeader({ server, user }: Scope): string {
  return `${JSON.stringify({ journal: 1, server, user })}\n`
}

/** Reads whose journal a text is. Undefined when it does not begin as one. */
export function parseHeader(text: string): Scope | undefined {
  const header = parseJson(text.slice(0, text.indexOf('\n')))
  if (typeof header !== 'object' || header === null) return undefined
  const { journal, server, user } = header as Record<string, unknown>
  if (journal !== 1 || typeof server !== 'string' || typeof user !== 'string') return undefined
  return { server, user }
}

/** Encodes a change as a line. */
export function encodeChange(change: Change): string {
  return `${JSON.stringify(lineOf(change))}\n`
}

function lineOf(change: Change): object {
  switch (change.kind) {
    case 'put':
      return { put: change.publish }
    case 'remove':
      return { remove: change.id }
    case 'position':
      return { channel: change.channel, position: change.position ?? null }
    default:
      return change satisfies never
  }
}

/** Reads a journal. A line that a crash has cut off is left out. */
export function readJournal(text: string): JournalState {
  const state: JournalState = { publishes: new Map(), positions: new Map() }
  for (const line of text.split('\n')) {
    const value = parseJson(line)
    if (typeof value === 'object' && value !== null) applyLine(state, value)
  }
  return state
}

function applyLine({ publishes, positions }: JournalState, line: object): void {
  const { put, remove, channel, position } = line as Record<string, unknown>
  const publish = parsePublish(put)
  if (publish !== undefined) publishes.set(publish.id, publish)
  if (typeof remove === 'string') publishes.delete(remove)
  if (typeof channel !== 'string') return
  const parsed = parsePosition(position)
  if (parsed === undefined) positions.delete(channel)
  else positions.set(channel, parsed)
}

/** Applies changes to what a journal holds. */
export function applyChanges({ publishes, positions }: JournalState, changes: readonly Change[]) {
  for (const change of changes) {
    if (change.kind === 'put') publishes.set(change.publish.id, change.publish)
    else if (change.kind === 'remove') publishes.delete(change.id)
    else if (change.position === undefined) positions.delete(change.channel)
    else positions.set(change.channel, change.position)
  }
}

/** The shortest journal with the same state. */
export function compact(scope: Scope, { publishes, positions }: JournalState): string {
  const lines = [encodeHeader(scope)]
  for (const publish of publishes.values()) lines.push(encodeChange({ kind: 'put', publish }))
  for (const [channel, position] of positions) {
    lines.push(encodeChange({ kind: 'position', channel, position }))
  }
  return lines.join('')
}
