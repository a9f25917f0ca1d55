import { type Json, type LatestValue, RusherError, type User } from '../../../protocol/index.ts'
import type { AppEvent } from '../../apps/app.ts'
import type { Payload, StoredEvent } from '../../storage/storage.ts'

/** What is stored of an event: everything but its channel and offset, which are its place. */
export interface Envelope {
  readonly at: number
  readonly user: User
  readonly id?: string
  readonly body: Json
}

/** Encodes an envelope as the JSON text that storage keeps. */
export function encodeEnvelope(envelope: Envelope): string {
  return JSON.stringify(envelope)
}

/** The text of a payload. Throws STORAGE_CORRUPT for bytes, which a channel of this kind never wrote. */
export function textOf(payload: Payload, offset: number): string {
  if (typeof payload === 'string') return payload
  throw new RusherError(
    'STORAGE_CORRUPT',
    `there are bytes at offset ${offset}, where this kind of channel keeps text. Was the channel written by an app of another kind? Give that one its prefix back.`,
  )
}

/** The event as it travels: its place put before the stored text, which is not encoded again. */
export function eventText(channel: string, { offset, payload }: StoredEvent): string {
  const place = `{"type":"event","channel":"${channel}","offset":${offset}`
  return payload === undefined
    ? `${place},"erased":true}`
    : `${place},${textOf(payload, offset).slice(1)}`
}

/** The event as an app sees it; undefined when it was erased. */
export function appEvent({ offset, payload }: StoredEvent): AppEvent | undefined {
  if (payload === undefined) return undefined
  // Storage checked that these are the bytes that encodeEnvelope wrote.
  const { at, user, body } = JSON.parse(textOf(payload, offset)) as Envelope
  return { offset, at, user, body }
}

/** A signal as it travels. */
export function signalText(channel: string, user: User, body: Json): string {
  return JSON.stringify({ type: 'signal', channel, user, body })
}

/** A value kept as latest, as storage keeps it. */
export function encodeLatest(value: LatestValue): string {
  return JSON.stringify(value)
}

/** A value kept as latest, as it travels when it changes. */
export function latestText(channel: string, payload: string): string {
  return `{"type":"latest","channel":"${channel}",${payload.slice(1)}`
}
