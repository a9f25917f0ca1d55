import { ContentError } from './content-error.ts'

/** Yjs and editors use plain objects as maps, where this key sets the prototype. */
const proto = '__proto__'

/** Refuses content with the key `__proto__` at any depth, which Yjs would lose. Throws BAD_CONTENT. */
export function refuseProtoKeys(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (Object.hasOwn(value, proto)) {
    throw new ContentError('BAD_CONTENT', `the content cannot have the key ${proto}`)
  }
  for (const part of Object.values(value)) refuseProtoKeys(part)
}

/**
 * Refuses an object whose prototype was set by a stored key `__proto__` when Yjs decoded it. Throws
 * UNSUPPORTED_CONTENT.
 */
export function refuseLostProto(value: object): void {
  if (Object.getPrototypeOf(value) !== Object.prototype) throw unsupportedProto()
}

/** The refusal of a document in which a client stored the key `__proto__`. */
export function unsupportedProto(): ContentError {
  const text = `the document has an object with the key ${proto}, which cannot be read`
  return new ContentError('UNSUPPORTED_CONTENT', text)
}

/** Whether a name is `__proto__`. */
export function isProto(name: string): boolean {
  return name === proto
}
