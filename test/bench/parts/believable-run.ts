import type {
  HistoryVerdict,
  HostSecond,
  RunBundle,
  Second,
} from '../../../bench-harness/bundle/bundle.ts'
import { judge } from '../../../bench-harness/bundle/judge.ts'
import { summarize } from '../../../bench-harness/bundle/summarize.ts'
import {
  type Counters,
  type HostFacts,
  noCounters,
} from '../../../bench-harness/control/messages.ts'
import {
  createHistogram,
  type EncodedHistogram,
} from '../../../bench-harness/histogram/histogram.ts'
import { type Cause, emptyLedger, type Ledger } from '../../../bench-harness/ledger/ledger.ts'
import { defaultHealth, type PhaseName, type Plan } from '../../../bench-harness/plan/plan.ts'
import { createRandom } from '../../../bench-harness/plan/random.ts'
import { parseSlo } from '../../../bench-harness/plan/slo.ts'

export interface BelievableOptions {
  readonly seed: number
  /** Multiplies every latency: 1.2 is a server a fifth slower. */
  readonly slower?: number
  readonly connections?: number
  readonly measureS?: number
  /** Samples of delivery in a second. */
  readonly samples?: number
  readonly scenario?: string
  readonly kernel?: string
  readonly dialect?: Plan['target']['dialect']
  /** Seconds of `measure` in which a worker was busy with itself. */
  readonly overloadedS?: number
  /** Attempts that the server refuses or lets wait, one in so many; 0: none. */
  readonly failing?: number
  readonly lost?: number
}

const hostNames = ['lima', 'oslo', 'quito'] as const

/** A run that could have been: phases, books that balance, retransmitted SYNs, a stall in the middle, and noise that a seed determines. */
export function believableRun(options: BelievableOptions): RunBundle {
  const { seed, failing = 400, lost = 0 } = options
  const plan = planOf(options)
  const random = createRandom(seed)
  const pace = Math.exp(normal(random) * 0.02) * (options.slower ?? 1)
  const seconds: Second[] = []
  const unanswered = failing > 0 && plan.connections >= 2_000 ? 17 : 0
  const state = { ledger: emptyLedger, random, pace, failing, unanswered }
  for (const [phase, length] of phasesOf(plan))
    for (let at = 0; at < length; at += 1) {
      const second = secondOf(plan, phase, seconds.length, at, length, state, options)
      state.ledger = second.ledger
      seconds.push(second)
    }
  const history: HistoryVerdict = {
    checked: 'full',
    publishes: seconds.reduce((sum, { counters }) => sum + counters.acknowledged, 0),
    deliveries: seconds.reduce((sum, { counters }) => sum + counters.delivered, 0),
    lost,
    unanswered: 0,
    duplicated: 0,
    gaps: 0,
    disordered: 0,
    faults: lost > 0 ? ['chat:r17: m-204 was acknowledged at 88, and the log ends at 87'] : [],
  }
  const summary = summarize(plan, seconds)
  return {
    plan,
    environment: environmentOf(options),
    seconds,
    events: eventsOf(plan, failing > 0),
    result: {
      v: 1,
      event: 'result',
      ...judge(plan, summary, history, 'delivery'),
      run: plan.run,
      scenario: plan.scenario.name,
      target: plan.target.urls.join(' '),
      ...summary,
      history,
      limiter: {
        resource: 'accept backlog',
        side: 'server',
        proof:
          'ListenOverflows grew by 412 in second 41, while the event loop stood still for 1.1 s',
      },
      examples: failing > 0 ? examples : [],
    },
  }
}

function planOf(options: BelievableOptions): Plan {
  const { seed, connections = 20_000, measureS = 60, scenario = 'chat' } = options
  return {
    v: 1,
    run: `20261124-${String(seed).padStart(4, '0')}`,
    seed,
    scenario: { name: scenario, options: { members: 10, rate: 0.1 } },
    target: {
      urls: ['ws://10.0.0.5:7000/ws', 'ws://10.0.0.5:7001/ws'],
      dialect: options.dialect ?? 'rusher',
      own: false,
    },
    connections,
    arrivalsPerSecond: connections / 40,
    arrivals: 'poisson',
    durations: { primeMs: 2_000, settleMs: 8_000, measureMs: measureS * 1_000 },
    timeouts: { connectMs: 10_000, upgradeMs: 10_000, readyMs: 10_000, keepaliveMs: 25_000 },
    slo: parseSlo('ready>=99.5% p99<50ms loss=0'),
    health: defaultHealth,
  }
}

function phasesOf({ durations, connections, arrivalsPerSecond }: Plan): [PhaseName, number][] {
  return [
    ['prime', durations.primeMs / 1_000],
    ['ramp', Math.ceil(connections / arrivalsPerSecond)],
    ['settle', durations.settleMs / 1_000],
    ['measure', durations.measureMs / 1_000],
    ['drain', 5],
  ]
}

interface State {
  ledger: Ledger
  readonly random: () => number
  readonly pace: number
  readonly failing: number
  /** Upgrades that are never answered. */
  readonly unanswered: number
}

function secondOf(
  plan: Plan,
  phase: PhaseName,
  t: number,
  at: number,
  length: number,
  state: State,
  options: BelievableOptions,
): Second {
  const { random, pace } = state
  // The server stands still once in the ramp, which fills its backlog.
  const stalled = state.failing > 0 && phase === 'ramp' && at === Math.floor(length * 0.7)
  const planned =
    phase === 'prime'
      ? 20
      : phase === 'ramp'
        ? Math.round(((at + 1) / length) * plan.connections)
        : phase === 'drain'
          ? 0
          : plan.connections
  const ledger = nextLedger(state, phase, planned, stalled, at, length)
  const arrived = ledger.reached.tcp - state.ledger.reached.tcp
  const sends = phase === 'settle' || phase === 'measure'
  const { samples = Math.round(plan.connections / 2) } = options
  const weather =
    pace * Math.exp(normal(random) * 0.08) * (0.75 + (0.25 * ledger.now.ready) / plan.connections)
  const spread = sends ? samples : 0
  const load = ledger.now.ready / plan.connections
  const first = Math.min(20, Math.floor(length / 3))
  const isOverloaded = phase === 'measure' && at >= first && at < first + (options.overloadedS ?? 0)
  const busy = isOverloaded || (phase === 'ramp' && at > length * 0.4 && at < length * 0.5)
  return {
    t,
    phase,
    planned,
    ledger,
    counters: countersOf(spread),
    histograms: {
      ...(arrived === 0
        ? {}
        : {
            tcp: times(arrived, 0.7 * weather, 0.5, random, stalled ? 0.5 : 0.002),
            upgrade: times(arrived, 2.1 * weather, 0.5, random, stalled ? 0.3 : 0),
            ready: times(arrived, 4.4 * weather, 0.45, random, stalled ? 0.5 : 0.002),
          }),
      ...(spread === 0
        ? {}
        : {
            delivery: times(spread, 6 * weather, 0.42, random),
            ack: times(Math.round(spread / 10), 4.1 * weather, 0.4, random),
            lag: times(Math.round(spread / 10), busy ? 4 : 0.3, 0.5, random),
            probe: times(40, 5.2 * weather, 0.3, random),
          }),
    },
    hosts: hostNames.map((name, index) => hostSecond(name, index, ledger, spread, busy, random)),
    server: {
      sessions: ledger.now.ready,
      kernel: ledger.now.ready + ledger.now.ws + ledger.now.tcp,
      cpu: stalled ? 2 : 0.08 + 1.7 * load + random() * 0.12 + (phase === 'ramp' ? 0.4 : 0),
      busiestThread: Math.min(1, 0.05 + 0.7 * load + random() * 0.05),
      rssBytes: Math.round(96e6 + ledger.now.ready * 7_400 + random() * 2e6 + t * 20_000),
      descriptors: 40 + ledger.now.ready,
      descriptorsLeft: 1_048_576 - 40 - ledger.now.ready,
      loopDelayP99Ms: stalled ? 1_100 : 1.2 + 2.5 * load + random(),
      tcpMemoryBytes: ledger.now.ready * 240,
      slabBytes: Math.round(180e6 + ledger.now.ready * 2_350),
      counters: stalled ? { ListenOverflows: 412, TCPSynRetrans: 388 } : { ListenOverflows: 0 },
    },
    overloaded: busy
      ? [`oslo worker 3: sent ${187 + Math.floor(random() * 90)} ms late (p99)`]
      : [],
    noisy: [],
  }
}

function nextLedger(
  { ledger: last, random, failing, unanswered }: State,
  phase: PhaseName,
  planned: number,
  stalled: boolean,
  at: number,
  length: number,
): Ledger {
  const failed = { ...last.failed }
  const fail = (cause: Cause, count: number) => {
    if (count > 0) failed[cause] = (failed[cause] ?? 0) + count
    return count
  }
  const { now, reached } = last
  if (phase === 'drain') {
    const gone = at === length - 1 ? now.ready : Math.round(now.ready * 0.5)
    return {
      ...last,
      now: { ...now, ready: now.ready - gone },
      alive: now.ready - gone,
      closed: last.closed + gone + now.closing,
    }
  }
  const due = Math.max(0, planned - last.scheduled)
  const opening = due + now.socket
  const stuck = stalled ? Math.round(opening * 0.6) : Math.min(opening, Math.round(due * 0.01))
  const refused = stalled ? fail('refused', Math.round(due * 0.05)) : 0
  const opened = Math.max(0, opening - stuck - refused)
  const busy =
    failing > 0 && due > 0
      ? fail('http_503', Math.min(opened, Math.round((due / failing) * random() * 2)))
      : 0
  const late = phase === 'settle' && at === 1 ? fail('upgrade_timeout', unanswered) : 0
  const upgraded = Math.max(0, opened + now.tcp - busy - late)
  const isWaiting = due > 0 || (phase === 'settle' && at === 0)
  const inTcp = !isWaiting ? 0 : due > 0 && upgraded > 60 ? 20 + unanswered : unanswered
  const toWs = Math.max(0, upgraded - inTcp)
  const inWs = due > 0 ? Math.min(toWs, 8) : 0
  const lostNow =
    failing > 0 && phase === 'measure' && at % 17 === 16
      ? fail('closed_1006', 1 + Math.floor(random() * 3))
      : 0
  const toReady = toWs + now.ws - inWs
  const ready = now.ready + toReady - lostNow
  return {
    scheduled: last.scheduled + due,
    reached: {
      socket: reached.socket + due,
      tcp: reached.tcp + opened,
      ws: reached.ws + toWs,
      ready: reached.ready + toReady,
    },
    now: { waiting: 0, socket: stuck, tcp: upgraded - toWs, ws: inWs, ready, closing: 0 },
    alive: ready,
    closed: last.closed,
    failed,
    lost: last.lost + lostNow,
  }
}

function hostSecond(
  name: string,
  index: number,
  ledger: Ledger,
  sent: number,
  busy: boolean,
  random: () => number,
): HostSecond {
  const isBusy = busy && name === 'oslo'
  const failures = Object.values(ledger.failed).reduce<number>((sum, n) => sum + (n ?? 0), 0)
  return {
    name,
    workers: 4,
    ready: Math.floor((ledger.now.ready + index) / 3),
    failed: Math.floor((failures + index) / 3),
    sent: Math.floor(sent / 30),
    loopUse: isBusy ? 0.87 + random() * 0.12 : 0.12 + 0.2 * random(),
    lagP99Ms: isBusy ? 6 + random() * 8 : 0.4 + random() * 0.6,
    cpu: isBusy ? 3.6 : 0.6 + random() * 0.4,
    rssBytes: Math.round(120e6 + (ledger.now.ready / 3) * 3_000),
    portsLeft: 28_232 - Math.floor(ledger.now.ready / 3),
    descriptorsLeft: 65_000 - Math.floor(ledger.now.ready / 3),
    staleS: 0,
  }
}

function countersOf(deliveries: number): Counters {
  if (deliveries === 0) return noCounters
  const sent = Math.round(deliveries / 10)
  return {
    ...noCounters,
    due: sent,
    sent,
    acknowledged: sent,
    delivered: deliveries,
    bytesOut: sent * 140,
    bytesIn: deliveries * 180,
  }
}

/** Lognormal times; a share of them waits one or two retransmitted SYNs longer. */
function times(
  count: number,
  medianMs: number,
  spread: number,
  random: () => number,
  retransmitted = 0,
): EncodedHistogram {
  const histogram = createHistogram()
  for (let sample = 0; sample < count; sample += 1) {
    const waits = random() < retransmitted ? (random() < 0.25 ? 3_000 : 1_000) : 0
    histogram.record(waits + medianMs * Math.exp(normal(random) * spread))
  }
  return histogram.encode()
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

function eventsOf(plan: Plan, failing: boolean): RunBundle['events'] {
  let ms = 0
  const phases = phasesOf(plan).map(([phase, seconds]) => {
    const event = { ms, kind: 'phase' as const, text: phase }
    ms += seconds * 1_000
    return event
  })
  const fault = {
    ms: 30_400,
    kind: 'fault' as const,
    text: 'first refused: connect ECONNREFUSED 10.0.0.5:7000',
  }
  return failing ? [...phases, fault].sort((a, b) => a.ms - b.ms) : phases
}

const examples: RunBundle['result']['examples'] = [
  {
    cause: 'refused',
    wallMs: Date.UTC(2026, 10, 24, 14, 0, 30, 400),
    from: '10.0.0.12:41022',
    to: '10.0.0.5:7000',
    raw: 'connect ECONNREFUSED 10.0.0.5:7000',
  },
  {
    cause: 'http_503',
    wallMs: Date.UTC(2026, 10, 24, 14, 0, 12, 81),
    from: '10.0.0.11:39180',
    to: '10.0.0.5:7001',
    raw: 'HTTP/1.1 503 Service Unavailable, "<b>busy</b> & waiting"',
  },
  {
    cause: 'closed_1006',
    wallMs: Date.UTC(2026, 10, 24, 14, 1, 7, 3),
    from: '10.0.0.13:50234',
    to: '10.0.0.5:7000',
    raw: 'read ECONNRESET',
  },
]

function factsOf(hostname: string, kernel: string, more: Partial<HostFacts> = {}): HostFacts {
  return {
    hostname,
    system: 'Debian GNU/Linux 13 (trixie)',
    kernel,
    arch: 'x64',
    cpu: 'AMD EPYC 7763 64-Core Processor',
    cores: 4,
    memoryBytes: 8 * 1_024 ** 3,
    freeBytes: 7.1 * 1_024 ** 3,
    node: 'v24.11.0',
    versions: { v8: '13.6.233.10-node.28', uv: '1.51.0', openssl: '3.5.4' },
    descriptorsMax: 65_536,
    sysctls: {
      'net.core.somaxconn': '4096',
      'net.ipv4.ip_local_port_range': '32768 60999',
      'net.ipv4.tcp_tw_reuse': '2',
      'net.netfilter.nf_conntrack_max': '262144',
    },
    addresses: ['10.0.0.11'],
    loadAverage: 0.12,
    clockSource: 'kvm-clock',
    virtualization: 'kvm',
    timeWait: 3,
    ...more,
  }
}

function environmentOf({
  kernel = '6.12.48+deb13-amd64',
  seed,
}: BelievableOptions): RunBundle['environment'] {
  const sysctls = { ...factsOf('', '').sysctls, 'net.ipv4.ip_local_port_range': '1024 65535' }
  const odd: Partial<HostFacts> = { node: 'v22.18.0', sysctls, addresses: ['10.0.0.13'] }
  return {
    rusher: '0.1.0',
    bundle: '3f5a9c1e7b2d4f60918273645546372819aabbccddeeff00112233445566778f',
    commit: 'a1b2c3d4e5f60718293a4b5c6d7e8f9012345678',
    dirty: false,
    startedAt: `2026-11-24T14:00:${String(seed % 60).padStart(2, '0')}.000Z`,
    endedAt: '2026-11-24T14:02:01.000Z',
    controller: factsOf('desk', '6.12.48+deb13-amd64', { cores: 8, memoryBytes: 16 * 1_024 ** 3 }),
    hosts: hostNames.map((name, index) => ({
      name,
      workers: 4,
      facts: factsOf(name, kernel, index === 2 ? odd : { addresses: [`10.0.0.${11 + index}`] }),
      clockOffMs: [0.41, -1.2, 12.6][index] ?? 0,
      clockErrorMs: 0.2,
      roundTripMs: 0.4 + index / 10,
    })),
    server: { version: '0.1.0', dialect: 'rusher', edges: 2, node: 'v24.11.0', storage: 'sqlite' },
  }
}
