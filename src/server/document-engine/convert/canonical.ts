import type { Json } from '../../../protocol/index.ts'

/** An object of JSON values. */
export type JsonRecord = { readonly [key: string]: Json }

/** Whether a value is an object and neither null nor a list. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** JSON text that is the same for equal values, whatever the order of their keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (isRecord(part) ? sorted(part) : part))
}

/** A copy whose keys are in order, so that equal objects are equal text. `__proto__` stays a key. */
export function sorted<Value>(record: { readonly [key: string]: Value }): {
  readonly [key: string]: Value
} {
  const entries = Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries)
}
