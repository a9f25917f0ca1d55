import * as v from 'valibot'
import { dialectNames, phaseNames } from '../plan/plan.ts'

/*
 * The shapes of bundle.ts as they are checked when a bundle is read. Fields that are not named here are kept as they are, so that a newer
 * Rusher's bundle can be read.
 */

const count = v.pipe(v.number(), v.finite())
const optionalCount = v.exactOptional(count)
const text = v.string()
const texts = v.array(text)
const counts = v.record(text, count)

const histogram = v.looseObject({
  n: count,
  max: count,
  buckets: v.array(count),
  open: v.exactOptional(v.looseObject({ n: count, min: count })),
})

const ledger = v.looseObject({
  scheduled: count,
  reached: v.looseObject({ socket: count, tcp: count, ws: count, ready: count }),
  now: v.looseObject({
    waiting: count,
    socket: count,
    tcp: count,
    ws: count,
    ready: count,
    closing: count,
  }),
  alive: count,
  closed: count,
  failed: counts,
  lost: count,
})

const counters = v.looseObject({
  due: count,
  unsent: count,
  sent: count,
  acknowledged: count,
  refused: count,
  unanswered: count,
  delivered: count,
  undelivered: count,
  disordered: count,
  duplicated: count,
  missing: count,
  bytesIn: count,
  bytesOut: count,
})

const hostSecond = v.looseObject({
  name: text,
  workers: count,
  ready: count,
  failed: count,
  sent: count,
  loopUse: count,
  lagP99Ms: count,
  cpu: count,
  rssBytes: count,
  pssBytes: optionalCount,
  signs: optionalCount,
  portsLeft: optionalCount,
  descriptorsLeft: count,
  staleS: count,
})

const serverSecond = v.looseObject({
  sessions: optionalCount,
  kernel: optionalCount,
  cpu: optionalCount,
  busiestThread: optionalCount,
  rssBytes: optionalCount,
  descriptors: optionalCount,
  descriptorsLeft: optionalCount,
  loopDelayP99Ms: optionalCount,
  tcpMemoryBytes: optionalCount,
  slabBytes: optionalCount,
  pssBytes: optionalCount,
  kernelBytes: optionalCount,
  counters: v.exactOptional(counts),
  databaseBytes: optionalCount,
})

export const secondSchema = v.looseObject({
  t: count,
  phase: v.picklist(phaseNames),
  planned: count,
  ledger,
  held: optionalCount,
  probes: optionalCount,
  counters,
  histograms: v.record(text, histogram),
  hosts: v.array(hostSecond),
  server: v.exactOptional(serverSecond),
  overloaded: texts,
  noisy: texts,
})

export const eventSchema = v.looseObject({
  ms: count,
  kind: v.picklist(['phase', 'fault', 'note', 'server']),
  text,
})

const sloTerm = v.looseObject({
  text,
  figure: text,
  kind: v.exactOptional(text),
  operator: v.picklist(['<', '<=', '>', '>=', '=']),
  bound: count,
})

export const planSchema = v.looseObject({
  v: v.literal(1),
  run: text,
  seed: count,
  scenario: v.looseObject({ name: text, options: counts, source: v.exactOptional(text) }),
  target: v.looseObject({ urls: texts, dialect: v.picklist(dialectNames), own: v.boolean() }),
  connections: count,
  arrivalsPerSecond: count,
  arrivals: v.picklist(['constant', 'poisson']),
  underWayMax: optionalCount,
  durations: v.looseObject({ primeMs: count, settleMs: count, measureMs: count }),
  timeouts: v.looseObject({
    connectMs: count,
    upgradeMs: count,
    readyMs: count,
    keepaliveMs: count,
  }),
  slo: v.array(sloTerm),
  health: v.looseObject({
    loopUseMax: count,
    lagMsMax: count,
    lagNoisyMs: count,
    stealMax: count,
    pressureMax: count,
    overloadedShareMax: count,
  }),
})

const hostFacts = v.looseObject({
  hostname: text,
  system: text,
  kernel: text,
  arch: text,
  cpu: text,
  cores: count,
  memoryBytes: count,
  freeBytes: count,
  node: text,
  versions: v.record(text, text),
  descriptorsMax: count,
  sysctls: v.record(text, text),
  addresses: texts,
  loadAverage: count,
})

export const environmentSchema = v.looseObject({
  rusher: text,
  bundle: text,
  commit: v.exactOptional(text),
  dirty: v.exactOptional(v.boolean()),
  startedAt: text,
  endedAt: v.exactOptional(text),
  controller: hostFacts,
  hosts: v.array(
    v.looseObject({
      name: text,
      workers: count,
      facts: hostFacts,
      clockOffMs: count,
      clockErrorMs: count,
      roundTripMs: count,
    }),
  ),
  server: v.record(text, v.union([text, count])),
})

const percentiles = v.looseObject({
  n: count,
  unanswered: optionalCount,
  atLeast: v.exactOptional(texts),
  p50: optionalCount,
  p90: optionalCount,
  p99: optionalCount,
  p999: optionalCount,
  p9999: optionalCount,
  max: count,
})

export const resultSchema = v.looseObject({
  v: v.literal(1),
  event: v.literal('result'),
  verdict: v.picklist(['pass', 'fail', 'invalid']),
  exitCode: count,
  reasons: texts,
  run: text,
  scenario: text,
  target: text,
  ledger: v.looseObject({
    scheduled: count,
    tcp: count,
    ws: count,
    ready: count,
    closed: count,
    failed: counts,
    balanced: v.boolean(),
  }),
  peak: v.looseObject({
    ready: count,
    alive: count,
    held: optionalCount,
    server: optionalCount,
    kernel: optionalCount,
  }),
  tsung: v.looseObject({ users: count, connected: count }),
  latency: v.record(text, percentiles),
  messages: counters,
  rates: v.looseObject({ sent: count, delivered: count }),
  history: v.looseObject({
    checked: v.picklist(['full', 'counters', 'nothing published']),
    publishes: count,
    deliveries: count,
    lost: count,
    unanswered: count,
    duplicated: count,
    gaps: count,
    disordered: count,
    faults: texts,
  }),
  health: v.looseObject({
    seconds: count,
    overloaded: count,
    reasons: texts,
    noisy: count,
    noise: texts,
  }),
  slo: v.array(v.looseObject({ text, value: optionalCount, met: v.boolean() })),
  limiter: v.exactOptional(
    v.looseObject({
      resource: text,
      side: v.picklist(['server', 'clients', 'network', 'unknown']),
      proof: text,
    }),
  ),
  server: v.exactOptional(
    v.looseObject({
      cpuMean: optionalCount,
      rssBytes: optionalCount,
      bytesPerConnection: optionalCount,
    }),
  ),
  memory: v.exactOptional(
    v.looseObject({
      ready: count,
      serverBytes: count,
      emptyServerBytes: count,
      kernelBytes: count,
      kernelShare: count,
      workersBytes: optionalCount,
      bytesPerSession: count,
      moreBytesPerSession: count,
    }),
  ),
  search: v.exactOptional(
    v.looseObject({
      pass: count,
      fail: optionalCount,
      clientLimited: v.boolean(),
      reason: text,
      confirmed: v.boolean(),
      levels: v.array(v.looseObject({ connections: count, held: v.boolean(), why: text })),
    }),
  ),
  examples: v.array(
    v.looseObject({
      cause: text,
      wallMs: count,
      from: v.exactOptional(text),
      to: text,
      raw: text,
    }),
  ),
})
