import assert from 'node:assert/strict'
import type {
  Appended,
  EventToAppend,
  LatestToKeep,
  Payload,
  Storage,
} from '../../server/storage/storage.ts'

/** Makes the storages that a rule is checked on. */
export interface StorageMaker {
  /** Opens an empty storage of its own. */
  create(): Promise<Storage>
  /** Opens again what this storage kept, after it was closed. Absent where nothing outlives a storage. */
  reopen?(closed: Storage): Promise<Storage>
}

/** Runs a check on an empty storage, and closes it whatever comes. */
export async function withStorage(
  maker: StorageMaker,
  check: (storage: Storage) => Promise<void>,
): Promise<void> {
  const storage = await maker.create()
  try {
    await check(storage)
  } finally {
    await storage.close()
  }
}

/** An event with a number in its payload. */
export function eventOf(
  channel: string,
  number: number,
  more: Partial<Omit<EventToAppend, 'kind' | 'channel'>> = {},
): EventToAppend {
  return { kind: 'event', channel, payload: `{"n":${number}}`, ...more }
}

/** An event of bytes. */
export function bytesEvent(channel: string, bytes: readonly number[]): EventToAppend {
  return { kind: 'event', channel, payload: Uint8Array.from(bytes) }
}

/** Each value of a byte once, in memory of its own. */
export function everyByte(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, value) => value)
}

/** A value for a name, with a number in its payload. */
export function latestOf(channel: string, name: string, number: number): LatestToKeep {
  return { kind: 'latest', channel, name, payload: `{"n":${number}}` }
}

/** Appends events numbered `from` to `to` to a channel. */
export async function fill(
  storage: Storage,
  channel: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<readonly Appended[]> {
  const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index)
  return storage.append(numbers.map((number) => eventOf(channel, number, { key: `key-${number}` })))
}

/** The numbers in the payloads of events; undefined for an erased one. */
export function numbersOf(
  events: readonly { readonly payload: Payload | undefined }[],
): (number | undefined)[] {
  return events.map(({ payload }) => (payload === undefined ? undefined : numberOf(payload)))
}

function numberOf(payload: Payload): number {
  assert.ok(typeof payload === 'string', 'text came back as bytes')
  return (JSON.parse(payload) as { readonly n: number }).n
}

/** Offsets `from` to `to`. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(to - from + 1, 0) }, (_, index) => from + index)
}
