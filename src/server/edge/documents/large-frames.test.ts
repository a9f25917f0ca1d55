import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../runtime/testing/fake-clock.ts'
import type { Transport } from '../../transport/transport.ts'
import {
  createDocumentConnection,
  createDocumentSubscription,
  type DocumentConnection,
} from './document-connection.ts'
import { LargeFrames } from './large-frames.ts'

const entry = {
  document: 'd',
  token: undefined,
  user: undefined,
  vocabulary: undefined,
  session: undefined,
}

interface Peer {
  readonly socket: DocumentConnection
  readonly isRead: () => boolean
  /** Sends this much more of its message. */
  readonly send: (bytes: number) => void
}

/** A frame may have 1,000 bytes. Besides the express frame there is room for 2,000, half for one. */
function start() {
  const clock = new FakeClock()
  const ends: string[] = []
  const users = new Map<DocumentConnection, string>()
  function end(socket: DocumentConnection, why: string): void {
    ends.push(`${users.get(socket)} ${why}`)
    socket.state = 'closed'
    large.gone(socket)
  }
  const large = new LargeFrames({
    limits: { documentFrameBytesMax: 1_000, documentInFlightBytesMax: 3_000 },
    bounds: {
      turnMs: 1_000,
      stepBytes: 100,
      aheadBytes: 0,
      readerBytesMax: 300,
      senderMs: 60_000,
      windowMs: 10_000,
      slowBytes: 100,
      stalledBytes: 10,
      stalledWindows: 3,
    },
    nowMs: clock.monotonicMs,
    keyOf: (socket) => users.get(socket) ?? '',
    oversize: (socket, bytes) => end(socket, `oversize ${bytes}`),
    readOnly: (socket) => end(socket, 'may only read'),
    slow: (socket, { received }) => end(socket, `slow at ${received}`),
    unadmitted: (socket) => end(socket, 'not admitted'),
  })
  clock.every(1_000, () => large.turn())
  let made = 0
  function connect(user: string, state: 'admitting' | 'open' = 'open', mayWrite = true): Peer {
    let isRead = true
    const transport: Transport = {
      send: () => undefined,
      sendBinary: () => undefined,
      ping: () => undefined,
      bufferedBytes: 0,
      sentBytes: 0,
      pause: () => {
        isRead = false
      },
      resume: () => {
        isRead = true
      },
      close: () => undefined,
      terminate: () => ends.push(`${user} terminated`),
    }
    made += 1
    const socket = createDocumentConnection(made, transport, entry, 0)
    users.set(socket, user)
    const place = createDocumentSubscription(socket, undefined, 'd', made)
    place.state = state
    place.mayWrite = mayWrite
    socket.places.set('', place)
    const send = (bytes: number) => large.arrived(socket, (socket.large?.received ?? 0) + bytes)
    return { socket, isRead: () => isRead, send }
  }
  /** Connects and announces a message, of which so much arrives. */
  function begin(user: string, wanted: number, sent = 0): Peer {
    const peer = connect(user)
    large.announced(peer.socket, wanted)
    if (sent > 0) peer.send(sent)
    return peer
  }
  /** The whole message is in, and its update is answered. */
  function finish({ socket }: Peer): void {
    const frame = large.taken(socket)
    if (frame !== undefined) large.done(frame)
  }
  return { clock, large, connect, begin, finish, ends }
}

type Started = ReturnType<typeof start>

/** Two users fill the shared room with frames that stall, and a third has the express frame. */
function fill({ begin }: Started): { readonly stalled: readonly Peer[]; readonly express: Peer } {
  const stalled = [begin('a', 1_000, 990), begin('b', 1_000, 990)]
  return { stalled, express: begin('c', 1_000, 150) }
}

const reads = (peers: readonly Peer[]): boolean[] => peers.map(({ isRead }) => isRead())

describe('memory for large frames', () => {
  test('is reserved as the content arrives, and not as it is announced', () => {
    const { begin } = start()
    const peer = begin('a', 1_000)
    expect(peer.socket.large?.held).toBe(100)
    peer.send(150)
    expect(peer.socket.large?.held).toBe(200)
    const many = Array.from({ length: 8 }, () => begin('a', 1_000, 10))
    expect(reads(many)).toEqual(Array(8).fill(true))
  })

  test('is at most half of what is shared for one user, besides the express frame', () => {
    const { begin, finish } = start()
    const first = begin('a', 1_000, 1_000)
    const [express, third] = [begin('a', 1_000), begin('a', 1_000)]
    expect(reads([first, express, third])).toEqual([true, true, false])
    const other = begin('b', 1_000, 1_000)
    expect(reads([other])).toEqual([true])
    finish(first)
    expect(reads([third])).toEqual([true])
  })

  test('is free again when all messages are answered or gone', () => {
    const started = start()
    const { begin, large, finish } = started
    const { stalled, express } = fill(started)
    for (const peer of stalled) finish(peer)
    large.gone(express.socket)
    const again = [begin('a', 1_000, 1_000), begin('b', 1_000, 1_000), begin('c', 1_000, 1_000)]
    expect(reads(again)).toEqual([true, true, true])
  })

  test('is kept for one frame that can always be completed, and then for the next', () => {
    const started = start()
    const { begin, finish } = started
    const { express } = fill(started)
    const next = begin('d', 1_000)
    express.send(800)
    expect(reads([express, next])).toEqual([true, false])
    finish(express)
    next.send(1_000)
    expect(reads([next])).toEqual([true])
  })

  test('goes to users with nothing else in flight first, in the order in which they came', () => {
    const started = start()
    const { begin, finish } = started
    const { express } = fill(started)
    const waiting = [begin('a', 1_000), begin('d', 1_000), begin('e', 1_000)]
    finish(express)
    expect(reads(waiting)).toEqual([false, true, false])
  })
})

describe('a large frame', () => {
  test('of a stranger is not read and holds up nobody, and is ended when its sender stays unknown', () => {
    const { connect, large, clock, ends } = start()
    const [stranger, late] = [connect('a', 'admitting'), connect('b', 'admitting')]
    const known = connect('c')
    for (const { socket } of [stranger, late, known]) large.announced(socket, 900)
    expect(reads([stranger, late, known])).toEqual([false, false, true])
    for (const place of late.socket.places.values()) place.state = 'open'
    large.admitted(late.socket)
    expect(reads([late])).toEqual([true])
    large.gone(late.socket)
    large.gone(known.socket)
    clock.pass(61_000)
    expect(ends).toEqual(['a not admitted'])
  })

  test('of a user who may only read is taken while it is small', () => {
    const { connect, large, ends } = start()
    const [small, big] = [connect('a', 'open', false), connect('b', 'open', false)]
    expect(large.announced(small.socket, 300)).toBe(1_000)
    expect(large.announced(big.socket, 301)).toBe(1)
    expect([small.isRead(), big.socket.large, ends]).toEqual([true, undefined, ['b may only read']])
  })

  test('in pieces reserves for each of them, and is complete up to the last', () => {
    const { begin, large } = start()
    const { socket } = begin('a', 150)
    large.announced(socket, 400)
    expect([socket.large?.received, socket.large?.held]).toEqual([150, 200])
  })

  test('beyond what is read is refused before a byte of it is', () => {
    const { begin, large, ends } = start()
    const { socket } = begin('a', 1_001)
    expect([ends, socket.large]).toEqual([['a oversize 1001'], undefined])
    expect(large.announced(socket, 500)).toBe(1)
    large.arrived(socket, 10)
    expect(ends).toEqual(['a oversize 1001', 'a terminated'])
  })

  test('that stalls is ended after three windows without content, though nobody waits', () => {
    const { begin, clock, ends } = start()
    begin('a', 1_000, 20)
    clock.pass(10_000)
    clock.pass(29_000)
    expect(ends).toEqual([])
    clock.pass(2_000)
    expect(ends).toEqual(['a slow at 20'])
  })

  test('that is slow may go on while nobody waits for room', () => {
    const { begin, clock, ends } = start()
    const peer = begin('a', 1_000, 20)
    for (let window = 0; window < 9; window += 1) {
      clock.pass(10_000)
      peer.send(50)
    }
    expect(ends).toEqual([])
  })

  test('that is the slowest is ended first while others wait, and no more than give them room', () => {
    const started = start()
    const { begin, clock, ends } = started
    const { stalled, express } = fill(started)
    clock.pass(10_000)
    const waiting = begin('d', 1_000)
    express.send(20)
    stalled[0]?.send(5)
    clock.pass(11_000)
    expect(ends).toEqual(['b slow at 990'])
    expect(reads([waiting])).toEqual([true])
  })

  test('of another user is not ended for one who waits for an own share', () => {
    const { begin, clock, ends } = start()
    const other = begin('b', 1_000, 50)
    const own = [begin('a', 1_000, 1_000), begin('a', 1_000, 10), begin('a', 1_000)]
    expect(reads(own)).toEqual([true, true, false])
    clock.pass(8_000)
    other.send(20)
    clock.pass(3_000)
    expect(ends.filter((text) => text.startsWith('b'))).toEqual([])
    expect(reads([other])).toEqual([true])
  })

  test('that waits for room is never ended for it, however long it takes', () => {
    const started = start()
    const { begin, clock, ends, large } = started
    const { stalled, express } = fill(started)
    const waiting = begin('d', 1_000)
    // These are in as a whole, and their commit hangs.
    for (const { socket } of stalled) large.taken(socket)
    const frame = large.taken(express.socket)
    if (frame === undefined) throw new Error('the express frame is gone')
    clock.pass(3_600_000)
    expect([ends, waiting.isRead()]).toEqual([[], false])
    large.done(frame)
    expect([ends, waiting.isRead()]).toEqual([[], true])
  })

  test('that is not read for a reason of ours does not count as slow', () => {
    const { begin, clock, ends } = start()
    const { socket } = begin('a', 1_000, 20)
    socket.congested = true
    clock.pass(120_000)
    expect(ends).toEqual([])
  })
})
