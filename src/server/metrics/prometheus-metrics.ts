import { monitorEventLoopDelay } from 'node:perf_hooks'
import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Gauges, Metrics } from './metrics.ts'
import { openResidentMemory } from './resident-memory.ts'

const secondsBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

/**
 * Counts of this process, for Prometheus. Nothing is global: two servers in one process have their own. `loopLookMs` is how often the event loop's
 * delay is looked at, in milliseconds; each look wakes a process that has nothing else to do.
 */
export function createPrometheusMetrics({ loopLookMs }: { readonly loopLookMs: number }): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const gauges: Gauges[] = []

  const counter = (name: string, help: string, labelNames: string[] = []): Counter =>
    new Counter({ name: `rusher_${name}`, help, labelNames, registers })
  const opened = counter('sessions_opened_total', 'Connections that were upgraded')
  const closed = counter('sessions_closed_total', 'Sessions that ended, by reason', ['reason'])
  const commands = counter('commands_total', 'Commands received, by type', ['type'])
  const refusals = counter('refusals_total', 'Commands refused, by error code', ['code'])
  const published = counter('publishes_total', 'Publishes and signals, by outcome', ['outcome'])
  const messages = counter('messages_sent_total', 'Messages sent to sessions')
  const frames = counter('frames_sent_total', 'Frames sent to sessions')
  const bytes = counter('bytes_sent_total', 'Bytes sent to sessions')
  const lagged = counter(
    'readers_lagged_total',
    'Times a slow reader was left to read from the log',
  )
  const upgradesRefused = counter(
    'upgrades_refused_total',
    'WebSocket upgrades that were refused, by reason',
    ['reason'],
  )
  const tokensRefused = counter(
    'tokens_refused_total',
    'Rejected tokens, and users without a token, by reason',
    ['reason'],
  )
  const unheard = counter(
    'connections_unheard_total',
    'Connections that waited to be accepted and were reset, since there was no time to refuse them',
  )
  const internalErrors = counter(
    'internal_errors_total',
    'Internal errors that were contained, by component; the log has their causes',
    ['where'],
  )
  const requestsRefused = counter(
    'http_requests_refused_total',
    'HTTP requests that exceeded a limit or were aborted by the client, by reason',
    ['reason'],
  )
  const saved = counter('document_updates_total', 'Updates of documents that are on disk')
  const savedBytes = counter('document_update_bytes_total', 'Bytes of these updates')
  const documentRefusals = counter(
    'document_updates_refused_total',
    'Updates of documents that were refused, by fault',
    ['fault'],
  )
  const corrections = counter(
    'document_corrections_total',
    'Unsafe or invalid items in updates that were corrected',
  )
  const compactions = counter('document_compactions_total', 'Compactions, by result', ['result'])
  const failures = counter('commits_failed_total', 'Batches whose commit failed')
  const appendSeconds = new Histogram({
    name: 'rusher_append_seconds',
    help: 'Time from handing a batch to storage until it is kept',
    buckets: secondsBuckets,
    registers,
  })
  const commitSeconds = new Histogram({
    name: 'rusher_commit_seconds',
    help: 'Time of one transaction with its fsync',
    buckets: secondsBuckets,
    registers,
  })
  const commitItems = new Histogram({
    name: 'rusher_commit_items',
    help: 'Items in one transaction',
    buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000],
    registers,
  })
  // What is counted with every message, command or session is kept in plain numbers until somebody asks.
  const tallies = {
    closed: createTally(closed, 'reason'),
    commands: createTally(commands, 'type'),
    published: createTally(published, 'outcome'),
  }
  let sent = { messages: 0, frames: 0, bytes: 0 }
  gaugeOf(registry, 'sessions', 'Sessions now', () => total(gauges, 'sessions'))
  gaugeOf(registry, 'channels', 'Channels in memory now', () => total(gauges, 'channels'))
  gaugeOf(registry, 'appends_pending', 'Publishes that wait for their commit', () =>
    total(gauges, 'pendingAppends'),
  )
  gaugeOf(registry, 'documents', 'Documents in memory now', () => total(gauges, 'documents'))
  gaugeOf(registry, 'document_sessions', 'Connections to documents now', () =>
    total(gauges, 'documentSessions'),
  )
  gaugeOf(
    registry,
    'document_updates_unsaved',
    'Updates of documents that are neither on disk nor refused',
    () => total(gauges, 'documentUpdatesUnsaved'),
  )
  gaugeOf(
    registry,
    'documents_failing',
    'Documents that cannot be read, or whose updates storage does not take',
    () => total(gauges, 'documentsFailing'),
  )
  gaugeOf(registry, 'connections_waiting', 'Connections that wait to be accepted', () =>
    total(gauges, 'connectionsWaiting'),
  )
  gaugeOf(
    registry,
    'handshakes',
    'Connections whose token or first channels are being looked up',
    () => total(gauges, 'handshakes'),
  )
  gaugeOf(
    registry,
    'calls_pending',
    'Requests from edges to the core that are not answered yet',
    () => total(gauges, 'callsPending'),
  )
  gaugeOf(registry, 'http_requests', 'Document requests in progress', () =>
    total(gauges, 'httpRequests'),
  )
  gaugeOf(registry, 'http_body_bytes', 'Bytes of request bodies in memory', () =>
    total(gauges, 'httpBodyBytes'),
  )
  const stop = processGauges(registry, loopLookMs)

  return {
    committed(items, ms) {
      commitSeconds.observe(ms / 1_000)
      commitItems.observe(items)
    },
    appended(ms, result) {
      appendSeconds.observe(ms / 1_000)
      if (result === 'failed') failures.inc()
    },
    published: tallies.published.add,
    documentSaved(updateBytes) {
      saved.inc()
      savedBytes.inc(updateBytes)
    },
    documentRefused: (fault) => documentRefusals.inc({ fault }),
    internalError: (place) => internalErrors.inc({ where: place }),
    requestRefused: (reason) => requestsRefused.inc({ reason }),
    documentCorrected: (things) => corrections.inc(things),
    documentCompacted: (result) => compactions.inc({ result }),
    opened: () => opened.inc(),
    closed: tallies.closed.add,
    command: tallies.commands.add,
    refused: (code) => refusals.inc({ code }),
    lagged: () => lagged.inc(),
    unheard: (connections) => unheard.inc(connections),
    upgradeRefused: (reason) => upgradesRefused.inc({ reason }),
    tokenRefused: (reason) => tokensRefused.inc({ reason }),
    delivered(messageCount, frameCount, byteCount) {
      sent.messages += messageCount
      sent.frames += frameCount
      sent.bytes += byteCount
    },
    gauge: (more) => void gauges.push(more),
    async collect() {
      messages.inc(sent.messages)
      frames.inc(sent.frames)
      bytes.inc(sent.bytes)
      sent = { messages: 0, frames: 0, bytes: 0 }
      for (const tally of Object.values(tallies)) tally.flush()
      return registry.getMetricsAsJSON()
    },
    merge: (processes) => AggregatorRegistry.aggregate(processes as object[][]).metrics(),
    stop,
  }
}

/** Counts for a counter that has one label, whose few values are all known to the server. */
function createTally(
  counter: Counter,
  label: string,
): { readonly add: (value: string) => void; readonly flush: () => void } {
  const counts = new Map<string, number>()
  return {
    add: (value) => void counts.set(value, (counts.get(value) ?? 0) + 1),
    flush() {
      for (const [value, count] of counts) counter.inc({ [label]: value }, count)
      counts.clear()
    },
  }
}

function total(gauges: readonly Gauges[], name: keyof Gauges): number {
  return gauges.reduce((sum, gauge) => sum + (gauge[name]?.() ?? 0), 0)
}

function gaugeOf(registry: Registry, name: string, help: string, look: () => number): void {
  new Gauge({
    name: `rusher_${name}`,
    help,
    registers: [registry],
    collect() {
      this.set(look())
    },
  })
}

/** Numbers of this process itself. Gives what ends the looking. */
function processGauges(registry: Registry, loopLookMs: number): () => void {
  const delay = monitorEventLoopDelay({ resolution: loopLookMs })
  delay.enable()
  const memory = openResidentMemory()
  gaugeOf(registry, 'resident_bytes', 'Resident memory of all processes', memory.bytes)
  gaugeOf(registry, 'cpu_seconds_total', 'CPU time used by all processes', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1_000_000
  })
  const loop = new Gauge({
    name: 'rusher_loop_delay_p99_seconds',
    help: 'Delay of the event loop since the last look, 99th percentile; the worst process',
    aggregator: 'max',
    registers: [registry],
    collect() {
      // Node counts the time between two looks, its own pause included.
      const lateMs = delay.count === 0 ? 0 : delay.percentile(99) / 1e6 - loopLookMs
      this.set(Math.max(0, lateMs) / 1_000)
      delay.reset()
    },
  })
  loop.set(0)
  return () => {
    delay.disable()
    memory.close()
  }
}
