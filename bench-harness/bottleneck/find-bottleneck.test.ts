import { describe, expect, it } from 'vitest'
import { madeFacts } from '../../test/parts/made-facts.ts'
import type { HostSecond, RunEvent, Second, ServerSecond } from '../bundle/bundle.ts'
import { noCounters } from '../control/messages.ts'
import { emptyLedger, type Ledger } from '../ledger/ledger.ts'
import { findBottleneck } from './find-bottleneck.ts'

const box: HostSecond = {
  name: 'box2',
  workers: 4,
  ready: 0,
  failed: 0,
  sent: 0,
  loopUse: 0.3,
  lagP99Ms: 1,
  cpu: 1,
  rssBytes: 1,
  descriptorsLeft: 900,
  staleS: 0,
}

/** Ten seconds; whatever happens, happens from the fifth on. */
function madeSeconds(more: {
  readonly failed?: Ledger['failed']
  readonly ready?: number
  readonly server?: ServerSecond
  readonly host?: Partial<HostSecond>
  readonly overloaded?: readonly string[]
  readonly noisy?: readonly string[]
  /** Messages that are sent, and of which none is answered. */
  readonly unanswered?: number
}): Second[] {
  return Array.from({ length: 10 }, (_, t) => {
    const on = t >= 5
    const now = { ...emptyLedger.now, ready: more.ready ?? 100 }
    return {
      t,
      phase: 'measure',
      planned: 100,
      ledger: { ...emptyLedger, now, failed: on ? (more.failed ?? {}) : {} },
      counters: on ? { ...noCounters, sent: more.unanswered ?? 0 } : noCounters,
      histograms: {},
      hosts: [{ ...box, ready: more.ready ?? 100, ...(on ? more.host : {}) }],
      ...(more.server === undefined ? {} : { server: on ? more.server : { sessions: 1 } }),
      overloaded: on ? (more.overloaded ?? []) : [],
      noisy: on ? (more.noisy ?? []) : [],
    }
  })
}

const ask = (
  more: Parameters<typeof madeSeconds>[0],
  { missed = true, events = [] as RunEvent[] } = {},
) => findBottleneck({ seconds: madeSeconds(more), events, missed })

describe('findBottleneck', () => {
  it('is nobody when nothing failed and nothing was missed', () => {
    expect(ask({}, { missed: false })).toBeUndefined()
  })

  it('is the source ports of the host that has none left', () => {
    expect(ask({ failed: { src_ports: 7_823 }, host: { portsLeft: 0 } })).toEqual({
      resource: 'source ports',
      side: 'clients',
      proof: '7,823 attempts got no source port (src_ports), the first at 5 s; box2 had none left',
    })
  })

  it("is the clients' descriptors", () => {
    expect(ask({ failed: { emfile: 10 }, host: { descriptorsLeft: 0 } })).toMatchObject({
      resource: 'descriptors',
      side: 'clients',
      proof: expect.stringContaining('box2 had 0 left'),
    })
  })

  it("is the server's descriptors, though its backlog overflows too", () => {
    const server = { descriptorsLeft: 0, counters: { ListenOverflows: 500 } }
    expect(ask({ failed: { connect_timeout: 90 }, server })).toMatchObject({
      resource: 'descriptors',
      side: 'server',
      proof: 'a process of the server had 0 descriptors left at 5 s (connect_timeout 90)',
    })
  })

  it('is the accept backlog, with the counters that grew', () => {
    const server = { counters: { ListenOverflows: 3_203, ListenDrops: 0, TCPSynRetrans: 2_488 } }
    expect(ask({ failed: { connect_timeout: 602 }, server })).toEqual({
      resource: 'accept backlog',
      side: 'server',
      proof:
        "ListenOverflows +3,203, TCPSynRetrans +2,488 on the server's machine (connect_timeout 602)",
    })
  })

  it('is the network when SYNs are sent again and no backlog overflowed', () => {
    const server = { counters: { ListenOverflows: 0, TCPSynRetrans: 40 } }
    expect(ask({ failed: { connect_timeout: 12 }, server })?.side).toBe('network')
  })

  it('is TCP memory', () => {
    const server = { counters: { TCPAbortOnMemory: 12 } }
    expect(ask({ failed: { reset: 12 }, server })?.resource).toBe('TCP memory')
  })

  it('is the connection table of a host, where it is in use and full', () => {
    const facts = madeFacts({ conntrack: 50 }, { 'net.netfilter.nf_conntrack_max': '150' })
    const hosts = [
      { name: 'box2', workers: 4, facts, clockOffMs: 0, clockErrorMs: 0, roundTripMs: 0 },
    ]
    const seconds = madeSeconds({ failed: { connect_timeout: 5 } })
    const limiter = findBottleneck({
      seconds,
      events: [],
      missed: true,
      environment: { hosts, server: {} },
    })
    expect(limiter?.resource).toBe('connection tracking')
    expect(limiter?.proof).toContain('nf_conntrack_max is 150 on box2')
  })

  it("is the server's own limit of sessions when it answers 503", () => {
    expect(ask({ failed: { http_503: 20 }, server: { sessions: 1_000 } })).toEqual({
      resource: "the server's own limit of sessions",
      side: 'server',
      proof: 'it refused 20 with http_503, the first at 5 s; it held 1,000 sessions at most',
    })
  })

  it('is what the server says that it refused for, when it does', () => {
    for (const [reason, resource] of [
      ['full', "the server's own limit of sessions"],
      ['rate', "the server's own limit of new connections a second"],
      ['late', 'time to take new connections'],
    ] as const) {
      const counters = {
        '503 handshakes': 3,
        [`503 ${reason}`]: 17,
      }
      expect(ask({ failed: { http_503: 20 }, server: { sessions: 10, counters } })).toEqual({
        resource,
        side: 'server',
        proof: `it refused 20 with http_503, the first at 5 s; it held 10 sessions at most; 503 ${reason} +17`,
      })
    }
  })

  it('is the server process when it ended', () => {
    const events: RunEvent[] = [{ ms: 4_800, kind: 'server', text: 'the server ended: SIGKILL' }]
    expect(ask({ failed: { reset: 100 } }, { events })).toEqual({
      resource: 'server process',
      side: 'server',
      proof: 'the server ended: SIGKILL',
    })
  })

  it('is the generator when its workers had no time left', () => {
    const limiter = ask({ noisy: ['box2 worker 3: event loop 97 % busy'] })
    expect(limiter).toEqual({
      resource: 'load generator',
      side: 'clients',
      proof: 'box2 worker 3: event loop 97 % busy; in 5 of 10 s, first at 5 s',
    })
  })

  it("is the server's processor when its busiest thread had all of one", () => {
    expect(ask({ server: { cpu: 1.2, busiestThread: 0.99 } })).toMatchObject({
      resource: 'processor',
      side: 'server',
    })
  })

  it('is the generator when both had no time left at the same moment', () => {
    const server = { busiestThread: 0.99 }
    expect(ask({ server, noisy: ['box2: the hypervisor took 9 % of it'] })?.side).toBe('clients')
  })

  it("is the server's processors when threads are not seen but the sum is that of its processes", () => {
    const evidence = { seconds: madeSeconds({ server: { cpu: 0.97 } }), events: [], missed: true }
    const environment = { hosts: [], server: { processes: 1 } }
    expect(findBottleneck({ ...evidence, environment })?.resource).toBe('processor')
    expect(findBottleneck(evidence)?.resource).toBe('unknown')
  })

  it("is the server's event loop when it is late", () => {
    expect(ask({ failed: { ready_timeout: 3 }, server: { loopDelayP99Ms: 400 } })).toMatchObject({
      resource: 'event loop',
      side: 'server',
      proof:
        "the server's event loop was 400 ms late (p99); in 5 of 10 s, first at 5 s (ready_timeout 3)",
    })
  })

  it('follows the cause that came first, unless it was rare', () => {
    const seconds = madeSeconds({ failed: { refused: 1, src_ports: 99 } })
    expect(findBottleneck({ seconds, events: [], missed: true })?.resource).toBe('source ports')
  })

  it('is a server that answered nothing, though other work was in the way', () => {
    expect(ask({ unanswered: 400, noisy: ['box2: something waited for a processor'] })).toEqual({
      resource: 'server not answering',
      side: 'server',
      proof: 'it answered nothing for 5 s from second 5 on, while 2,000 messages were sent to it',
    })
  })

  it('is not the server when the load generator could not keep its schedule', () => {
    expect(ask({ unanswered: 4, overloaded: ['box2: not heard for 3 s'] })?.side).toBe('clients')
  })

  it('is unknown when nothing proves it, and says what was looked at', () => {
    expect(ask({ failed: { upgrade_timeout: 9 } })).toEqual({
      resource: 'unknown',
      side: 'unknown',
      proof:
        '9 failed with upgrade_timeout, the first at 5 s; the server was not looked at (--server [user@]host)',
    })
    expect(ask({ server: { cpu: 0.4 } })?.proof).toBe(
      'a threshold was not met; no counter of clients or server moved that would explain it',
    )
  })
})
