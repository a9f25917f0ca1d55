import type { Figure } from './figure.ts'
import type { Machine } from './machine.ts'

export interface Report {
  readonly machine: Machine
  readonly figures: readonly Figure[]
  /** What could not be measured, and why. */
  readonly failed: readonly { readonly name: string; readonly fault: string }[]
}

/** The report for people. */
export function tableOf({ machine, figures, failed }: Report): string {
  const { cpu, cores, memoryGb, node, ws, sqlite, system, at, loadAverage } = machine
  const rows = [
    ['', 'rusher', 'bare', 'ratio', 'target', ''],
    ...figures.map(({ name, unit, rusher, bare, peer, ratio, target }) => [
      name,
      `${numberText(rusher)} ${unit}`,
      bare === undefined
        ? ''
        : `${numberText(bare)} ${unit}${peer === undefined ? '' : `, ${peer}`}`,
      ratio === undefined ? '' : `${numberText(ratio)} x`,
      target === undefined ? '' : target.text,
      target === undefined ? '' : target.met ? 'met' : 'MISSED',
    ]),
  ]
  const notes = figures.flatMap(({ name, note }) =>
    note === undefined ? [] : [`  ${name}: ${note}`],
  )
  return [
    `${cpu}, ${cores} cores, ${memoryGb} GB; ${system}`,
    `Node ${node}, ws ${ws}, better-sqlite3 ${sqlite}; ${at}, load average ${loadAverage} at the start`,
    '',
    ...aligned(rows),
    '',
    ...notes,
    ...failed.map(({ name, fault }) => `  NOT MEASURED: ${name}: ${fault}`),
    '',
    'One run on one machine, clients and server on it together: read the ratios.',
  ].join('\n')
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return column >= 1 && column <= 3 ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  ')
      .trimEnd(),
  )
}

function numberText(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString('en-US')
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
