import type { CapacityPlan, PlanWarning } from '../../server/index.ts'

/** A name and what stands behind it. */
export type Row = readonly [name: string, value: string]

/** A plan as rows of a banner: each fits a terminal of 80 columns. */
export function planRows(plan: CapacityPlan): readonly Row[] {
  const { edges, capacity, sessionsMean, sessionsMax, edgeHeap, descriptorsMax } = plan
  const each = edges === 0 ? '' : `, ${counted(sessionsMean)} an edge`
  const core = `${counted(plan.coreHeapMb)} of ${counted(plan.coreHeapLimitMb)} MB`
  const files =
    descriptorsMax === undefined
      ? []
      : [
          [
            'files',
            `${counted(descriptorsMax)} a process, ${counted(plan.descriptorsReserved)} of them kept back`,
          ] as const,
        ]
  return [
    ['capacity', `${counted(capacity)} sessions${each}; full at ${counted(sessionsMax)}`],
    [
      'heap',
      edges === 0
        ? core
        : `${counted(edgeHeap.oldSpaceMb ?? 0)} MB an edge (semi-space ${edgeHeap.semiSpaceMb}); the core's: ${core}`,
    ],
    ...files,
    [
      'memory',
      `about ${gigabytes(plan.memoryExpectedBytes)} of ${gigabytes(plan.memoryBytes)} GB${edges === 0 ? '' : `; ${gigabytes(plan.memoryRollingBytes)} more while edges are replaced`}`,
    ],
  ]
}

/** The file descriptor budget of a server that has no capacity plan. */
export interface Descriptors {
  /** Sessions that one process accepts. */
  readonly sessionsMax: number
  /** Sessions that one process was configured to accept. */
  readonly sessionsWanted: number
  /** Number of edge processes; 0 when one process does everything. */
  readonly edges: number
  /** Files that one process may open; undefined when the system does not report it. */
  readonly descriptorsMax: number | undefined
}

/** A warning when the descriptor limit allows fewer sessions than configured; otherwise empty. */
export function descriptorWarnings(of: Descriptors): readonly PlanWarning[] {
  const { sessionsMax, sessionsWanted, edges, descriptorsMax } = of
  if (descriptorsMax === undefined || sessionsMax >= sessionsWanted) return []
  const all = counted(sessionsMax * Math.max(1, edges))
  const each = edges === 0 ? '' : `, ${counted(sessionsMax)} in each edge`
  const kept = 'some of these are reserved for the database, health checks and metrics'
  return [
    {
      problem: `only ${all} sessions fit${each}: a process may open ${counted(descriptorsMax)} files; ${kept}`,
      remedy: 'ulimit -n 65536',
    },
  ]
}

/** What will hurt, in lines of at most so many columns; what to do about it stands on a line of its own, to be copied. */
export function warningLines(
  { warnings }: Pick<CapacityPlan, 'warnings'>,
  columns: number,
): readonly string[] {
  return warnings.flatMap(({ problem, remedy }) => {
    const [first = '', ...more] = wrapped(`${problem}:`, columns - 2)
    return [`▲ ${first}`, ...more.map((line) => `  ${line}`), `    ${remedy}`]
  })
}

/** How many processes, in words. */
export function processesText(edges: number): string {
  return edges === 0 ? 'one' : `one core, ${edges} ${edges === 1 ? 'edge' : 'edges'}`
}

function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

function counted(number: number): string {
  return number.toLocaleString('en-US')
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1)
}
