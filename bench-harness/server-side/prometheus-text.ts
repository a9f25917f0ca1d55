/** One number of a scrape. */
export interface Metric {
  readonly name: string
  readonly labels: string
  readonly value: number
}

/** Reads Prometheus' text format 0.0.4. Lines that it does not know are left out, as are values that are no numbers. */
export function parsePrometheusText(text: string): Metric[] {
  return text.split('\n').flatMap((line) => {
    const found = /^([a-zA-Z_:][\w:]*)(\{.*\})?\s+(\S+)(?:\s+-?\d+)?\s*$/.exec(line)
    const [, name, labels = '', digits = ''] = found ?? []
    const value = Number(digits)
    return name === undefined || Number.isNaN(value) ? [] : [{ name, labels, value }]
  })
}

/** The sum over all labels; `undefined` when nothing has that name. */
export function sumOf(metrics: readonly Metric[], name: string): number | undefined {
  const found = metrics.filter((metric) => metric.name === name)
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0)
}
