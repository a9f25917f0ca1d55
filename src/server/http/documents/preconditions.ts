import type { IncomingHttpHeaders } from 'node:http'
import { RequestRefused } from '../refusal.ts'
import type { DocumentRoute, Preconditions } from './document-routes.ts'

/** An entity tag in a header field (RFC 9110, 8.8.3). */
const entityTag = /^(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/

/** Formats a strong entity tag for the `ETag` header: equal tags mean equal content. */
export function etagOf(tag: string): string {
  return `"${tag}"`
}

/**
 * Parses `If-Match` and `If-None-Match` (RFC 9110, section 13.1). For a copy they apply to its
 * target. Throws RequestRefused for a condition that is not supported: ignoring it would allow a
 * write that the client made conditional.
 */
export function parsePreconditions(
  { 'if-match': ifMatch, 'if-none-match': ifNoneMatch }: IncomingHttpHeaders,
  { act, ask }: DocumentRoute,
): Preconditions {
  if (act === 'read' && ask.kind !== 'copy') {
    if (ifMatch !== undefined) throw refused('a read accepts only If-None-Match')
    if (ifNoneMatch === undefined || ifNoneMatch.trim() === '*') return {}
    return { unless: tagsIn(ifNoneMatch, true) }
  }
  if (ifMatch === undefined && ifNoneMatch === undefined) return {}
  if (ask.kind === 'seed') {
    // That is what a seed means anyhow, and it answers whether it was written.
    if (ifMatch === undefined && ifNoneMatch?.trim() === '*') return {}
    throw refused('a seed takes If-None-Match: *')
  }
  if (ifNoneMatch !== undefined) {
    if (ifMatch !== undefined || ifNoneMatch.trim() !== '*') {
      throw refused('a write accepts If-Match or If-None-Match: *')
    }
    return { when: { kind: 'absent' } }
  }
  if (ifMatch?.trim() === '*') return { when: { kind: 'exists' } }
  return { when: { kind: 'at', tags: tagsIn(ifMatch ?? '', false) } }
}

/** The tags in a list. For a write only strong tags count; a weak one never matches. */
function tagsIn(list: string, weakToo: boolean): readonly string[] {
  return list.split(',').flatMap((one) => {
    const [, weak, tag] = entityTag.exec(one.trim()) ?? []
    if (tag === undefined)
      throw refused(`'${one.trim()}' is not an entity tag; entity tags are quoted`)
    return weak === undefined || weakToo ? [tag] : []
  })
}

function refused(why: string): RequestRefused {
  return new RequestRefused(400, 'BAD_PRECONDITION', why)
}
