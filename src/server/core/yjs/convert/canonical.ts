import type { Json } from '../../../../protocol/index.ts'

/** An object of JSON values. */
export type JsonRecord = { readonly [key: string]: Json }

/** Whether a value is an object, but not null or an array. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Canonical JSON text: independent of the order of keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (isRecord(part) ? sorted(part) : part))
}

/** A copy with sorted keys, so that equal objects give equal text. `__proto__` stays an own key. */
export function sorted<Value>(record: { readonly [key: string]: Value }): {
  readonly [key: string]: Value
} {
  const entries = Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries)
}
