/** A stretch of text, or of text that is a link. */
export interface Part {
  readonly text: string
  readonly href?: string
}

const address = /https?:\/\/[^\s<>"'`]+/gi
/** What ends a sentence after an address rather than belonging to it. */
const trailing = /[.,;:!?)\]}]+$/

/** Splits a text at its web addresses. Only http and https become links, whatever else looks like an address. */
export function splitLinks(text: string): readonly Part[] {
  const parts: Part[] = []
  let end = 0
  for (const match of text.matchAll(address)) {
    const shown = match[0].replace(trailing, '')
    const href = hrefOf(shown)
    if (href === undefined) continue
    if (match.index > end) parts.push({ text: text.slice(end, match.index) })
    parts.push({ text: shown, href })
    end = match.index + shown.length
  }
  if (end < text.length) parts.push({ text: text.slice(end) })
  return parts
}

function hrefOf(text: string): string | undefined {
  const url = URL.parse(text)
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url.href : undefined
}
