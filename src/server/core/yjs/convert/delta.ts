import * as Y from 'yjs'
import type { Json } from '../../../../protocol/index.ts'
import { isRecord } from './canonical.ts'
import { ContentError } from './content-error.ts'
import { plainValue } from './plain-value.ts'
import { isProto, refuseProtoKeys, unsupportedProto } from './proto-key.ts'
import { changeText, type Piece, plainFormats } from './rich-text.ts'

/** One insert operation of a Quill document delta. */
export interface DeltaOperation {
  readonly insert: Json
  readonly attributes?: Json
}

/** Reads a text as a Quill delta. */
export function deltaOf(text: Y.Text): readonly DeltaOperation[] {
  for (let item = text._start; item !== null; item = item.right) {
    const { content, deleted } = item
    if (!deleted && content instanceof Y.ContentFormat && isProto(content.key)) {
      throw unsupportedProto()
    }
  }
  const parts = text.toDelta() as readonly { insert: unknown; attributes?: object }[]
  return parts.map(({ insert, attributes }) => {
    if (insert instanceof Y.AbstractType) {
      throw new ContentError(
        'UNSUPPORTED_CONTENT',
        'a Quill delta cannot express a shared type in a text',
      )
    }
    const hasSome = attributes !== undefined && Object.keys(attributes).length > 0
    return {
      insert: plainValue(insert),
      ...(hasSome ? { attributes: plainValue(attributes) } : {}),
    }
  })
}

/**
 * Parses a Quill document delta: an array of inserts, or an object with such an `ops`. Throws
 * BAD_CONTENT.
 */
export function parseDelta(json: Json): readonly Piece[] {
  refuseProtoKeys(json)
  const ops = isRecord(json) ? json['ops'] : json
  if (!Array.isArray(ops)) throw bad('send {"ops": [{"insert": ...}]}')
  const pieces: Piece[] = []
  for (const op of ops as readonly Json[]) {
    if (!isRecord(op)) throw bad('a delta operation is not an object')
    const { insert, attributes } = op
    const isInsert = typeof insert === 'string' || isRecord(insert)
    if (!isInsert) throw bad('a document delta may only contain inserts')
    if (attributes !== undefined && attributes !== null && !isRecord(attributes)) {
      throw bad('the attributes of an operation are not an object')
    }
    if (insert !== '') pieces.push({ insert, formats: plainFormats(attributes ?? {}) })
  }
  return pieces
}

/** Changes a text to the content of a delta; writes only the differences. */
export function putDelta(text: Y.Text, wanted: readonly Piece[]): void {
  changeText([text], wanted, plainFormats)
}

function bad(message: string): ContentError {
  return new ContentError('BAD_CONTENT', message)
}
