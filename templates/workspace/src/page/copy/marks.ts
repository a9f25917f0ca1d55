import { isWebAddress } from '../addresses.ts'
import type { PageNode } from './read-page.ts'

/** A text's mark of this kind. */
export function markOf({ marks = [] }: PageNode, type: string) {
  return marks.find((mark) => mark.type === type)
}

/** The address in the attributes of a link or a picture; empty where it is none that may be followed. */
export function addressOf(attrs: unknown): string {
  if (typeof attrs !== 'object' || attrs === null) return ''
  const { href, src } = attrs as Readonly<Record<string, unknown>>
  const address = href ?? src
  return typeof address === 'string' && isWebAddress(address)
    ? address.trim().replace(/[<>"]/g, encodeURIComponent)
    : ''
}
