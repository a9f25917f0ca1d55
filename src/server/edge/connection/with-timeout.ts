/**
 * Settles like `value`, or rejects after `ms` milliseconds. A value that is no promise is returned
 * as it is, without a timer.
 */
export async function withTimeout<Value>(
  ms: number,
  value: Value | Promise<Value>,
): Promise<Value> {
  if (!(value instanceof Promise)) return value
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`took longer than ${ms} ms`)), ms)
    value.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
