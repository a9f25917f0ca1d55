/**
 * Says what makes a parsed JSON value unsafe to pass on: a number beyond doubles, the key
 * `__proto__`, or more than `depthMax` levels of objects and arrays. Recursion ends at `depthMax`.
 */
export function faultOfJson(value: unknown, depthMax: number): string | undefined {
  if (typeof value === 'number') {
    return Number.isFinite(value) ? undefined : 'a number is too large'
  }
  if (typeof value !== 'object' || value === null) return undefined
  if (depthMax === 0) return 'JSON is nested too deeply'
  if (Array.isArray(value)) {
    for (const item of value) {
      const fault = faultOfJson(item, depthMax - 1)
      if (fault !== undefined) return fault
    }
    return undefined
  }
  for (const key of Object.keys(value)) {
    if (key === '__proto__') return 'the key __proto__ is not allowed'
    const fault = faultOfJson((value as Record<string, unknown>)[key], depthMax - 1)
    if (fault !== undefined) return fault
  }
  return undefined
}
