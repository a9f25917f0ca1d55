import { type Refusal, refuse } from './errors.ts'

/**
 * A channel's name in its parts. `chat:lobby` has the prefix `chat` and belongs to the app of that
 * name, where there is one; `lobby` has no prefix.
 */
export interface ChannelName {
  /** What stands before the first colon; undefined without a colon. */
  readonly prefix: string | undefined
  /** What stands behind the first colon; the whole name without a colon. */
  readonly id: string
}

/** Longest channel name, in characters. */
export const channelCharsMax = 128

/** Pusher's characters, and `/`, `|` and `+`. None of them needs an escape in JSON. */
const pattern = /^([\w\-=@,.;/|+]+)(?::([\w\-=@,.;/|+:]+))?$/

/**
 * Splits a name at its first colon. A name has 1 to 128 letters, digits and `_ - = @ , . ; / | + :`,
 * and something on both sides of its first colon. Returns undefined for anything else.
 */
export function parseChannelName(name: unknown): ChannelName | undefined {
  if (typeof name !== 'string' || name.length > channelCharsMax) return undefined
  const match = pattern.exec(name)
  if (match === null) return undefined
  const [, first, rest] = match
  if (first === undefined) return undefined
  return rest === undefined ? { prefix: undefined, id: first } : { prefix: first, id: rest }
}

/** The refusal of text that is not a channel name. It names the text and the rule. */
export function refuseChannelName(name: string): Refusal {
  return refuse(
    'BAD_CHANNEL',
    `${quoteName(name)} is not a channel name: use 1 to ${channelCharsMax} letters, digits and _ - = @ , . ; / | + : with something on both sides of the first colon`,
  )
}

/** Quotes a name for a message to people, shortened and with control characters escaped. */
export function quoteName(name: string): string {
  return JSON.stringify(
    name.length <= channelCharsMax ? name : `${name.slice(0, channelCharsMax)}...`,
  )
}
