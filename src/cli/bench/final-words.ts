import { styleText } from 'node:util'
import type { HistoryVerdict, Result, Verdict } from '../../../bench-harness/bundle/bundle.ts'
import { isNoisy } from '../../../bench-harness/bundle/judge.ts'
import type { FailureExample } from '../../../bench-harness/control/messages.ts'
import type { PercentileName, Percentiles } from '../../../bench-harness/histogram/histogram.ts'
import type { Cause } from '../../../bench-harness/ledger/ledger.ts'
import { messagesText } from '../../../bench-harness/report/messages-text.ts'
import { bytesText, causesOf, countText, msText, shareText } from './figures.ts'
import { fitted } from './wrap.ts'

/** Where the words go, and so whether they may have colours; `styleText` also looks at NO_COLOR. */
export interface FinalWordsOptions {
  readonly stream: NodeJS.WritableStream
  /** Columns of the terminal; absent: lines are as long as they are. */
  readonly columns?: number
  /** The report's file. */
  readonly report?: string
}

type Row = readonly [name: string, text: string]

const verdicts: Readonly<Record<Verdict, readonly [string, 'green' | 'red' | 'yellow']>> = {
  pass: ['✓ PASS', 'green'],
  fail: ['✗ FAIL', 'red'],
  invalid: ['▲ INVALID', 'yellow'],
}

/**
 * What is printed when a run has ended: the verdict, the books, latencies, the history, the
 * bottleneck, and where all of it is kept.
 */
export function finalWords(result: Result, options: FinalWordsOptions): string {
  const [, colour] = verdicts[result.verdict]
  const { stream } = options
  const title = styleText(['bold', colour], verdictText(result), { stream })
  const why = firstWords(result).join('; ')
  const rows: readonly Row[] = [
    ...booksRows(result),
    ...searchRows(result),
    ['history', historyText(result.history)],
    ...result.history.faults.map((fault): Row => ['', fault]),
    ...sloRows(result),
    ['health', healthText(result)],
    ...serverRows(result),
    ...memoryRows(result),
    ...limiterRows(result),
    ...(result.bundle === undefined ? [] : [['bundle', result.bundle] as const]),
    ...(options.report === undefined ? [] : [['report', options.report] as const]),
  ]
  const dim = (text: string) => styleText('dim', text, { stream })
  const columns = options.columns ?? Number.POSITIVE_INFINITY
  const tested = `${result.scenario} against ${result.target}${why === '' ? '' : `: ${why}`}`
  const [head = '', ...more] = fitted(tested, columns - verdictText(result).length - 2)
  return [
    '',
    `${title}  ${head}`,
    ...(more.length === 0 ? [] : fitted(more.join(' '), columns - 2).map((line) => `  ${line}`)),
    '',
    ...rows.flatMap(([name, text]) =>
      fitted(text, columns - nameColumns - 3).map(
        (line, at) => `  ${dim((at === 0 ? name : '').padEnd(nameColumns))} ${line}`,
      ),
    ),
    '',
    ...latencyTable(result).map((line, at) => `  ${at === 0 ? dim(line) : line}`),
    '',
  ].join('\n')
}

const nameColumns = 10

/**
 * `PASS`, or `PASS (noisy)` where other work on the clients' machines was in the way; the verdict
 * holds all the same.
 */
function verdictText({ verdict, health }: Result): string {
  const [word] = verdicts[verdict]
  return verdict !== 'invalid' && isNoisy(health) ? `${word} (noisy)` : word
}

/** What became of the messages, and why the verdict is what it is. */
function firstWords({ messages, reasons }: Result): readonly string[] {
  return [messagesText(messages), ...reasons].filter((text) => text !== '')
}

/** The same as Markdown, for a CI's summary of a step. */
export function stepSummary(result: Result): string {
  const rows = [...booksRows(result), ...searchRows(result), ...limiterRows(result)]
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')
  const table = (head: readonly string[], body: readonly (readonly string[])[]) => [
    `| ${head.join(' | ')} |`,
    `|${head.map(() => ' --- |').join('')}`,
    ...body.map((cells) => `| ${cells.map(cell).join(' | ')} |`),
  ]
  const latencies = latencyRows(result)
  return [
    `### ${verdictText(result)}: ${result.scenario} against ${result.target}`,
    '',
    ...firstWords(result).map((reason) => `- ${reason}`),
    ...(firstWords(result).length === 0 ? [] : ['']),
    ...table(
      ['', ''],
      [...rows, ['history', historyText(result.history)], ['health', healthText(result)]],
    ),
    '',
    ...(latencies.length === 0 ? [] : [...table(latencyHead, latencies), '']),
  ].join('\n')
}

function booksRows(result: Result): readonly Row[] {
  const { ledger, peak } = result
  const failed = Object.values(ledger.failed).reduce<number>((sum, count) => sum + (count ?? 0), 0)
  const share = ledger.scheduled === 0 ? 0 : ledger.ready / ledger.scheduled
  const counts = [
    ...(peak.server === undefined ? [] : [`the server says ${countText(peak.server)}`]),
    ...(peak.kernel === undefined ? [] : [`its kernel says ${countText(peak.kernel)}`]),
    ...(peak.probes === undefined ? [] : [`both with ${countText(peak.probes)} of the probes`]),
  ]
  return [
    ['ready', `${countText(ledger.ready)} of ${countText(ledger.scheduled)}, ${shareText(share)}`],
    ['', [`at most ${countText(peak.ready)} at once`, ...counts].join('; ')],
    ['tcp', countText(ledger.tcp)],
    ['ws', countText(ledger.ws)],
    ...(ledger.lost === undefined ? [] : [['lost', countText(ledger.lost)] as const]),
    ['failed', countText(failed)],
    ...causesOf(ledger).map(([cause, count]): Row => ['', causeText(result, cause, count)]),
    ...(ledger.balanced
      ? []
      : [['', 'The books did not balance: nothing here can be trusted.'] as const]),
  ]
}

function causeText({ examples }: Result, cause: Cause, count: number): string {
  const example = examples.find((each) => each.cause === cause)
  const text = `${cause.padEnd(20)} ${countText(count).padStart(9)}`
  return example === undefined ? text : `${text}  ${exampleText(example)}`
}

/** `14:03:07 10.1.0.2:40001 -> 10.1.0.100:9000: connect ECONNREFUSED`, in UTC. */
function exampleText({ wallMs, from, to, raw }: FailureExample): string {
  const clock = new Date(wallMs).toISOString().slice(11, 19)
  return `${clock} ${from === undefined ? '' : `${from} `}-> ${to}: ${raw}`
}

/** `0 lost, 0 unanswered, 0 duplicated, 0 gaps`, and how far that was looked at. */
export function historyText(history: HistoryVerdict): string {
  if (history.checked === 'nothing published') return 'nothing was published'
  const { lost, unanswered, duplicated, gaps, disordered } = history
  const found = [
    `${countText(lost)} lost`,
    `${countText(unanswered)} unanswered`,
    `${countText(duplicated)} duplicated`,
    `${countText(gaps)} gaps`,
    ...(disordered === 0 ? [] : [`${countText(disordered)} out of order`]),
  ]
  // Nothing came that somebody else had sent: each message was held against its own answer.
  if (history.checked === 'counters' && history.deliveries === 0)
    return `${found.join(', ')} (${countText(history.publishes)} messages, each held against its answer)`
  const how =
    history.checked === 'full'
      ? 'log, publishes and deliveries compared'
      : 'counted by the subscribers'
  const over = `${countText(history.publishes)} publishes, ${countText(history.deliveries)} deliveries`
  return `${found.join(', ')} (${how}; ${over})`
}

function sloRows({ slo }: Result): readonly Row[] {
  return slo.map(({ text, value, met }, at): Row => {
    const found = value === undefined ? 'too few samples to tell' : sloValue(text, value)
    return [at === 0 ? 'threshold' : '', `${met ? '✓' : '✗'} ${text.padEnd(18)} ${found}`]
  })
}

function sloValue(text: string, value: number): string {
  if (text.startsWith('ready')) return shareText(value)
  return text.startsWith('loss') ? countText(value) : msText(value)
}

function healthText({ health }: Result): string {
  const { seconds, overloaded, reasons, noisy, noise } = health
  const why = (texts: readonly string[]) => (texts.length === 0 ? '' : `: ${texts.join('; ')}`)
  const kept =
    overloaded === 0
      ? `the load generator kept its schedule in all ${countText(seconds)} seconds`
      : `load generator overloaded in ${countText(overloaded)} of ${countText(seconds)} seconds${why(reasons)}`
  return noisy === 0 ? kept : `${kept}; ${countText(noisy)} were noisy${why(noise)}`
}

function serverRows({ server, memory }: Result): readonly Row[] {
  if (server === undefined) return []
  const { cpuMean, rssBytes, bytesPerConnection } = server
  const known = [
    ...(cpuMean === undefined ? [] : [`${cpuMean.toFixed(2)} cores on average`]),
    ...(rssBytes === undefined ? [] : [`memory ${bytesText(rssBytes)}`]),
    // With both ends and pages counted as often as they are shared; where the sessions were weighed, that is told.
    ...(bytesPerConnection === undefined || memory !== undefined
      ? []
      : [`${bytesText(bytesPerConnection)} a connection`]),
  ]
  return known.length === 0 ? [] : [['server', known.join(', ')]]
}

function memoryRows({ memory }: Result): readonly Row[] {
  if (memory === undefined) return []
  const { serverBytes, kernelBytes, kernelShare, bytesPerSession, moreBytesPerSession } = memory
  const part = kernelShare === 1 ? '' : ', half of what both ends took'
  const all = `${bytesText(serverBytes)} in its processes, ${bytesText(kernelBytes * kernelShare)} in the kernel${part}`
  return [
    ['memory', all],
    [
      '',
      `${bytesText(bytesPerSession)} a session in all, ${bytesText(moreBytesPerSession)} more a session than empty`,
    ],
  ]
}

function limiterRows({ limiter }: Result): readonly Row[] {
  if (limiter === undefined) return []
  const side = limiter.side === 'unknown' ? 'side unknown' : `on the side of the ${limiter.side}`
  return [['bottleneck', `${limiter.resource}, ${side}: ${limiter.proof}`]]
}

function searchRows({ search }: Result): readonly Row[] {
  if (search === undefined) return []
  const { pass, fail, clientLimited, confirmed, reason } = search
  const found = clientLimited
    ? `at least ${countText(pass)}; the clients were the bottleneck`
    : fail === undefined
      ? `${countText(pass)} held, and nothing above was tried`
      : `${countText(pass)} held, ${countText(fail)} did not`
  const how = confirmed ? 'a cold start held too' : 'not confirmed by a cold start'
  return [['maximum', `${found} (${reason}; ${how})`]]
}

const latencyHead = ['latency', 'n', 'p50', 'p90', 'p99', 'p99.9', 'p99.99', 'max']

function latencyRows({ latency }: Result): readonly (readonly string[])[] {
  const known = Object.entries(latency) as [string, Percentiles | undefined][]
  return known.flatMap(([kind, found]) => {
    if (found === undefined) return []
    const { n, atLeast } = found
    const names: readonly PercentileName[] = ['p50', 'p90', 'p99', 'p999', 'p9999', 'max']
    const shown = names.map((name) => {
      const ms = n === 0 ? undefined : found[name]
      if (ms === undefined) return '-'
      return `${atLeast?.includes(name) === true ? '≥ ' : ''}${msText(ms)}`
    })
    return [[kind, countText(n), ...shown]]
  })
}

function latencyTable(result: Result): readonly string[] {
  const rows = latencyRows(result)
  if (rows.length === 0) return ['No latency was measured.']
  const widths = [11, 10, 8, 8, 8, 8, 8, 8]
  const lines = [latencyHead, ...rows].map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join(' '),
  )
  return [...lines, ...openWaitsLines(result)]
}

/** What `≥` stands for, where it stands. */
function openWaitsLines({ latency }: Result): readonly string[] {
  const all = Object.values(latency) as readonly (Percentiles | undefined)[]
  const isOpen = all.some((found) => (found?.unanswered ?? 0) > 0)
  return isOpen ? ['≥: at least; waits that had not ended count as long as they were seen'] : []
}
