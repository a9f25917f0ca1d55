import * as Y from 'yjs'
import type { Json } from '../../../../protocol/index.ts'
import { sorted } from './canonical.ts'
import { refuseLostProto } from './proto-key.ts'

/**
 * Converts a plain value to JSON with sorted keys. Values that JSON cannot express become an object
 * with one key: `$bytes` (base64), `$bigint` (digits) or `$subdocument` (guid). `undefined` and
 * non-finite numbers become null. Throws UNSUPPORTED_CONTENT for
 * an object that had the key `__proto__`.
 */
export function plainValue(value: unknown): Json {
  if (value instanceof Y.Doc) return { $subdocument: value.guid }
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') }
  switch (typeof value) {
    case 'bigint':
      return { $bigint: String(value) }
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : null
    case 'object': {
      if (value === null) return null
      if (Array.isArray(value)) return value.map(plainValue)
      refuseLostProto(value)
      const entries = Object.entries(value).map(([key, part]) => [key, plainValue(part)] as const)
      return sorted(Object.fromEntries(entries))
    }
    default:
      return null
  }
}
