const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const

/** Reads `500ms`, `30s`, `5m`, `1h` or `1m30s` as milliseconds; undefined when it is none. */
export function parseDurationMs(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return undefined
  let total = 0
  for (const [, digits = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g))
    total += Number(digits) * units[unit as keyof typeof units]
  return total
}
