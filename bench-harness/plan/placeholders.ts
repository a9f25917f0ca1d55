/** What differs between the connections of a run. */
export interface ConnectionValues {
  /** The number of the session, from 0. */
  readonly session: number
  /** The line of the tokens file that belongs to it. */
  readonly token: string | undefined
}

const placeholder = /(?:\{|%7B)(i|token)(?:\}|%7D)/gi

/** Whether a text has a placeholder: `{i}` or `{token}`, also as a URL encodes them. */
export function hasPlaceholder(text: string): boolean {
  return text.search(placeholder) !== -1
}

/** A text with `{i}` replaced by the session's number and `{token}` by its token. */
export function fillPlaceholders(
  text: string,
  { session, token = '' }: ConnectionValues,
  encode: (value: string) => string = String,
): string {
  return text.replaceAll(placeholder, (_, name: string) =>
    name.toLowerCase() === 'i' ? String(session) : encode(token),
  )
}
