/** A channel's name in its two parts: `chat:lobby` is the channel `lobby` of the app `chat`. */
export interface ChannelName {
  readonly app: string
  readonly id: string
}

/** Longest channel name, in characters. */
export const channelCharsMax = 128

const pattern = /^([a-z][a-z0-9-]{0,31}):([A-Za-z0-9_.:-]{1,96})$/

/**
 * Splits `app:id`. An app is a lower-case word of up to 32 characters; an id has 1 to 96 letters, digits, `_`, `.`, `-` or
 * `:`. Returns undefined for anything else.
 */
export function parseChannelName(name: unknown): ChannelName | undefined {
  if (typeof name !== 'string' || name.length > channelCharsMax) return undefined
  const match = pattern.exec(name)
  if (match === null) return undefined
  const [, app, id] = match
  return app === undefined || id === undefined ? undefined : { app, id }
}
