import { styleText } from 'node:util'
import type { Level } from '../../../bench-harness/doctor/check.ts'
import {
  commandsOf,
  type DoctorReport,
  type DoctorRow,
} from '../../../bench-harness/doctor/doctor.ts'
import { wrap } from './wrap.ts'

const columnsMax = 80
const markColumns = 8
const idColumns = 32
/** With more machines than this, what is well is only counted. */
const wholeTablesMax = 2

const marks: Readonly<Record<Level, readonly [text: string, colour: 'green' | 'yellow' | 'red']>> =
  {
    ok: ['✓ ok', 'green'],
    warn: ['▲ warn', 'yellow'],
    bad: ['✗ bad', 'red'],
  }

/**
 * What is printed: the sentence, then a table for each machine, at most 80 columns wide but for
 * commands to copy. Problems come first.
 */
export function doctorText(report: DoctorReport, stream: NodeJS.WritableStream): string {
  const machines = new Map<string, DoctorRow[]>()
  for (const row of report.rows) {
    const machine = `${row.host} (${row.side})`
    machines.set(machine, [...(machines.get(machine) ?? []), row])
  }
  const isWhole = machines.size <= wholeTablesMax
  const tables = [...machines].flatMap(([machine, rows]) => {
    const shown = rows.filter(({ level }) => isWhole || level !== 'ok').toSorted(problemsFirst)
    const rest = rows.length - shown.length
    return [
      '',
      styleText('bold', machine, { stream }) + (rest > 0 ? `: ${rest} of ${rows.length} ok` : ''),
      ...shown.flatMap((row) => rowLines(row, stream)),
    ]
  })
  const sentence = wrap(report.sentence, columnsMax).map((line) =>
    styleText('bold', line, { stream }),
  )
  return [...sentence, ...tables, ''].join('\n')
}

const ranks: Readonly<Record<Level, number>> = { bad: 0, warn: 1, ok: 2 }

function problemsFirst(one: DoctorRow, other: DoctorRow): number {
  return ranks[one.level] - ranks[other.level]
}

function rowLines(row: DoctorRow, stream: NodeJS.WritableStream): string[] {
  const [mark, colour] = marks[row.level]
  const left = markColumns + idColumns
  const [first = '', ...more] = wrap(row.found, columnsMax - left)
  const below = wrap(row.effect ?? '', columnsMax - markColumns)
  const commands = commandsOf(row.fix)
  const fixes =
    row.fix?.kind === 'advice' ? wrap(`fix: ${row.fix.text}`, columnsMax - markColumns) : commands
  return [
    styleText(colour, mark, { stream }) +
      ' '.repeat(markColumns - mark.length) +
      row.id.padEnd(idColumns) +
      first,
    ...more.map((line) => ' '.repeat(left) + line),
    ...below.map((line) => ' '.repeat(markColumns) + line),
    ...fixes.map((line) => ' '.repeat(markColumns) + styleText('dim', line, { stream })),
  ].map((line) => line.trimEnd())
}
