import type { ComparedRow, ComparedRows, Comparison } from './compare-runs.ts'
import { differenceText } from './compare-runs.ts'
import {
  basisText,
  methodText,
  noiseOnly,
  outcomeText,
  sentencesOf,
  signed,
} from './comparison-words.ts'
import { shortNames } from './short-names.ts'

/** From this width on there is room for bars. */
const barsFrom = 90

/**
 * A comparison for a terminal of so many columns: each figure with its variants in the order given,
 * what differs, and what that rests on.
 */
export function comparisonTable(comparison: Comparison, width: number): string {
  const names = comparison.variants.map(({ name }) => name)
  const shown = shortNames(names, Math.floor(width / 3))
  const nameOf = (variant: string): string => shown[names.indexOf(variant)] ?? variant
  const warnings = comparison.differences.map((difference) =>
    indented(`▲ ${differenceText(difference)}`, width),
  )
  const only = noiseOnly(comparison)
  return [
    ...(warnings.length === 0
      ? []
      : ['These runs differ in more than the variant:', ...warnings, '']),
    ...comparison.figures.map((rows) => figureText(rows, nameOf, width)),
    ...(only === undefined ? sentencesOf(comparison) : [only]).map((text) => wrapped(text, width)),
    wrapped(methodText(comparison), width),
    '',
  ].join('\n')
}

function figureText(
  { figure, rows }: ComparedRows,
  nameOf: (variant: string) => string,
  width: number,
): string {
  const nameWidth = Math.max(...rows.map(({ variant }) => nameOf(variant).length))
  const title = `${figure.name} (${figure.better} is better)`
  const most = Math.max(...rows.map(({ median, interval }) => interval?.high ?? median))
  const barWidth = width < barsFrom ? 0 : Math.min(30, width - nameWidth - 62)
  const lines = rows.map((row) => {
    const spread =
      row.interval === undefined
        ? ''
        : `${figure.text(row.interval.low)} – ${figure.text(row.interval.high)}`
    const cells = [
      nameOf(row.variant).padEnd(nameWidth),
      figure.text(row.median).padStart(10),
      ...(barWidth > 0 ? [barOf(row.median / most, barWidth)] : []),
      `${Math.round(row.ofBest * 100)} %`.padStart(5),
      ...(width < 70 ? [] : [spread.padEnd(21)]),
      deltaCell(row),
    ]
    return `  ${cells.join('  ')}`.trimEnd()
  })
  const bases = rows.flatMap(({ variant, delta }) =>
    delta === undefined ? [] : [wrapped(`  ${variant}: ${basisText(delta)}`, width)],
  )
  return [title, ...lines, ...bases, ''].join('\n')
}

function deltaCell({ delta }: ComparedRow): string {
  if (delta === undefined) return ''
  const mark = { better: '✓', worse: '✗', 'no difference shown': '=' }[delta.outcome]
  return `${signed(delta.ratio)} ${mark} ${outcomeText(delta)}`
}

function barOf(share: number, width: number): string {
  const eighths = Math.max(1, Math.round(share * width * 8))
  const full = '█'.repeat(Math.floor(eighths / 8))
  const rest = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8] ?? ''
  return `${full}${rest}`.padEnd(width)
}

function clipped(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}

function indented(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => clipped(`  ${line}`, width))
    .join('\n')
}

/** Lines of whole words, with the first line's indent. */
function wrapped(text: string, width: number): string {
  const indent = /^ */.exec(text)?.[0] ?? ''
  const lines: string[] = []
  let line = indent
  for (const word of text.trim().split(' ')) {
    if (line.length + word.length + 1 > width && line.trim() !== '') {
      lines.push(line.trimEnd())
      line = indent
    }
    line += `${word} `
  }
  return [...lines, line.trimEnd()].join('\n')
}
