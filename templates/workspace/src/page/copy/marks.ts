import { isWebAddress } from '../addresses.ts'
import type { PageNode } from './read-page.ts'

/** The mark of this type on a text node. */
export function markOf({ marks = [] }: PageNode, type: string) {
  return marks.find((mark) => mark.type === type)
}

/** The URL in the attributes of a link or an image; empty when it is not a safe web address. */
export function addressOf(attrs: unknown): string {
  if (typeof attrs !== 'object' || attrs === null) return ''
  const { href, src } = attrs as Readonly<Record<string, unknown>>
  const address = href ?? src
  return typeof address === 'string' && isWebAddress(address)
    ? address.trim().replace(/[<>"]/g, encodeURIComponent)
    : ''
}
