/** The sum of a figure over its labels, by its whole name, out of the text of `/metrics`. */
export function metricOf(text: string, name: string): number {
  let sum = 0
  let found = false
  for (const line of text.split('\n')) {
    const [, value] = line.startsWith(name) ? (/^[^\s{]+(?:\{.*\})? (\S+)$/.exec(line) ?? []) : []
    if (value === undefined || !/^[\s{]/.test(line.slice(name.length))) continue
    sum += Number(value)
    found = true
  }
  if (!found) throw new Error(`/metrics has no ${name}`)
  return sum
}

/** What a server says of itself now. */
export async function readMetrics(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, {
    signal: AbortSignal.timeout(30_000),
  })
  if (!response.ok) throw new Error(`/metrics answered ${response.status}`)
  return response.text()
}
