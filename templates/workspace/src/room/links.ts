/** A stretch of text, or of text that is a link. */
export interface Part {
  readonly text: string
  readonly href?: string
}

const address = /https?:\/\/[^\s<>"'`]+/gi
/** What ends a sentence after an address rather than belonging to it. */
const trailing = /[.,;:!?\]}*_~]+$/

/** Splits a text at its web addresses. Only http and https become links, whatever else looks like an address. */
export function splitLinks(text: string): readonly Part[] {
  const parts: Part[] = []
  let end = 0
  for (const match of text.matchAll(address)) {
    const shown = trimAddress(match[0])
    const href = webAddress(shown)
    if (href === undefined) continue
    if (match.index > end) parts.push({ text: text.slice(end, match.index) })
    parts.push({ text: shown, href })
    end = match.index + shown.length
  }
  if (end < text.length) parts.push({ text: text.slice(end) })
  return parts
}

/** Takes off what ends a sentence, and closing brackets that the address did not open. */
function trimAddress(match: string): string {
  let shown = match.replace(trailing, '')
  let open = count(shown, '(') - count(shown, ')')
  while (shown.endsWith(')') && open < 0) {
    shown = shown.slice(0, -1).replace(trailing, '')
    open += 1
  }
  return shown
}

function count(text: string, char: string): number {
  return text.split(char).length - 1
}

function webAddress(text: string): string | undefined {
  const url = URL.parse(text)
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url.href : undefined
}

/** The address of a link that may be followed: http, https or mailto. */
export function safeHref(text: string): string | undefined {
  const url = URL.parse(text)
  return url?.protocol === 'mailto:' ? url.href : webAddress(text)
}

/** What is shown below a message for an address in it. */
export interface Attachment {
  readonly kind: 'image' | 'link'
  readonly href: string
  readonly host: string
  /** Name of the file or page, for people. */
  readonly title: string
}

/** Attachments that one message shows. */
const attachmentsMax = 4
const imagePath = /\.(?:png|jpe?g|gif|webp|avif|svg)$/i

/** Previews for the links of a message: an image by its path, a card for anything else. */
export function attachmentsOf(hrefs: readonly string[]): readonly Attachment[] {
  return hrefs.flatMap(toAttachment).slice(0, attachmentsMax)
}

function toAttachment(href: string): readonly Attachment[] {
  const url = URL.parse(href)
  if (url === null || url.protocol === 'mailto:') return []
  const { host, pathname, search } = url
  const kind = imagePath.test(pathname) ? 'image' : 'link'
  const name = kind === 'image' ? (pathname.split('/').at(-1) ?? '') : `${pathname}${search}`
  return [{ kind, href, host, title: readable(name === '/' ? '' : name) }]
}

function readable(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
