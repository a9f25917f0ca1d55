import type { ServerSecond } from '../bundle/bundle.ts'
import { type Metric, parsePrometheusText, sumOf } from './prometheus-text.ts'
import type { Note, ServerSide } from './server-side.ts'

const timeoutMs = 800
const textBytesMax = 4 * 1_024 * 1_024
/** So many looks without an answer, and it is not asked again. */
const failuresMax = 5

/** The counter of trouble that stands for upgrades which a Rusher refused for a reason. */
export function refusalsFor(reason: string): string {
  return `503 ${reason}`
}

interface Scrape {
  readonly atMs: number
  readonly metrics: readonly Metric[]
}

export interface MetricsOptions {
  /** Where `GET /metrics` is, as http://host:port/metrics. */
  readonly url: URL
  readonly note: Note
  readonly fetchText?: (url: URL, timeoutMs: number) => Promise<string>
  readonly nowMs?: () => number
}

/** Where a server that is spoken to at this WebSocket address tells its metrics. */
export function metricsUrlOf(target: string): URL {
  const url = new URL('/metrics', target)
  url.protocol = url.protocol === 'wss:' ? 'https:' : 'http:'
  return url
}

/** What a Rusher tells of itself at `GET /metrics`. A server that has no such page gives nothing. */
export function createMetricsServerSide(options: MetricsOptions): ServerSide {
  const { url, note, fetchText = fetchMetrics, nowMs = () => performance.now() } = options
  let first: Scrape | undefined
  let last: Scrape | undefined
  let failures = 0
  let everAnswered = false
  let isOver = false

  return {
    async sample() {
      if (isOver) return {}
      const scrape = await look()
      if (scrape === undefined) return {}
      first ??= scrape
      const second = secondOfScrape(last, scrape, first)
      last = scrape
      return second
    },
    facts: () => Promise.resolve({ metrics: url.href }),
    close() {
      isOver = true
      return Promise.resolve()
    },
  }

  async function look(): Promise<Scrape | undefined> {
    try {
      const metrics = parsePrometheusText(await fetchText(url, timeoutMs))
      if (sumOf(metrics, 'rusher_sessions') === undefined)
        return giveUp('it tells nothing of Rusher')
      failures = 0
      everAnswered = true
      return { atMs: nowMs(), metrics }
    } catch (error) {
      if (!(error instanceof Error)) throw error
      failures += 1
      // One that has answered is busy or restarting, and worth asking again.
      return failures >= failuresMax && !everAnswered ? giveUp(error.message) : undefined
    }
  }

  function giveUp(why: string): undefined {
    isOver = true
    note(
      `${url.href} gives no figures of the server (${why}); its own count of sessions is not known`,
    )
    return undefined
  }
}

/**
 * The figures of a scrape: rates since the last one, sessions and refusals since the first, since
 * earlier ones belong to others. `process_*` are names of Prometheus' own clients.
 */
export function secondOfScrape(
  last: Scrape | undefined,
  now: Scrape,
  first: Scrape = now,
): ServerSecond {
  const sessions = sessionsIn(now)
  const delay = sumOf(now.metrics, 'rusher_loop_delay_p99_seconds')
  const rssBytes =
    sumOf(now.metrics, 'rusher_resident_bytes') ??
    sumOf(now.metrics, 'process_resident_memory_bytes')
  const descriptors = sumOf(now.metrics, 'process_open_fds')
  const cpu = last === undefined ? undefined : cpuBetween(last, now)
  const refused = refusedBetween(first, now)
  return {
    ...(sessions === undefined
      ? {}
      : { sessions: Math.max(0, sessions - (sessionsIn(first) ?? 0)) }),
    ...(cpu === undefined ? {} : { cpu }),
    // A process that has run out of descriptors tells 0.
    ...(rssBytes === undefined || rssBytes === 0 ? {} : { rssBytes }),
    ...(descriptors === undefined ? {} : { descriptors }),
    ...(delay === undefined ? {} : { loopDelayP99Ms: delay * 1_000 }),
    ...(Object.keys(refused).length === 0 ? {} : { counters: refused }),
  }
}

function sessionsIn({ metrics }: Scrape): number | undefined {
  const sessions = sumOf(metrics, 'rusher_sessions')
  if (sessions === undefined) return undefined
  return sessions + (sumOf(metrics, 'rusher_document_sessions') ?? 0)
}

/** Upgrades that were refused meanwhile; only the reasons for which there were any. */
function refusedBetween(first: Scrape, now: Scrape): Record<string, number> {
  const before = refusalsIn(first)
  const grown = [...refusalsIn(now)]
    .map(([reason, count]) => [refusalsFor(reason), count - (before.get(reason) ?? 0)] as const)
    .filter(([, growth]) => growth > 0)
  return Object.fromEntries(grown)
}

function refusalsIn({ metrics }: Scrape): ReadonlyMap<string, number> {
  const counted = metrics.filter(({ name }) => name === 'rusher_upgrades_refused_total')
  return new Map(
    counted.map(({ labels, value }) => [/reason="([^"]*)"/.exec(labels)?.[1] ?? '', value]),
  )
}

function cpuBetween(last: Scrape, now: Scrape): number | undefined {
  const [before, after] = [last, now].map(
    ({ metrics }) =>
      sumOf(metrics, 'rusher_cpu_seconds_total') ?? sumOf(metrics, 'process_cpu_seconds_total'),
  )
  const seconds = (now.atMs - last.atMs) / 1_000
  if (before === undefined || after === undefined || seconds <= 0) return undefined
  // The counter begins again when the server does.
  return after < before ? undefined : (after - before) / seconds
}

async function fetchMetrics(url: URL, limitMs: number): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(limitMs), redirect: 'error' })
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`it answers ${response.status}`)
  }
  return readAtMost(response, textBytesMax)
}

async function readAtMost(response: Response, bytesMax: number): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body ?? []) {
    bytes += part.length
    if (bytes > bytesMax) throw new Error(`it sends more than ${bytesMax} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
