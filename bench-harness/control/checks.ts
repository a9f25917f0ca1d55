export type Fields = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isText(value: unknown): value is string {
  return typeof value === 'string'
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

export function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

export function isAbsentOr(value: unknown, is: (value: unknown) => boolean): boolean {
  return value === undefined || is(value)
}

export function isListOf(value: unknown, is: (value: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is)
}

export function isRecordOf(value: unknown, is: (value: unknown) => boolean): boolean {
  return isObject(value) && Object.values(value).every(is)
}

/** Whether all these fields are there and finite numbers. */
export function hasNumbers(value: unknown, names: readonly string[]): value is Fields {
  return isObject(value) && names.every((name) => isNumber(value[name]))
}
