import { describe, expect, test } from 'vitest'
import type { Transport } from '../transport/transport.ts'
import { createDocumentSocket, createPlace, type DocumentSocket } from './document-socket.ts'
import { LargeFrames } from './large-frames.ts'

const entry = {
  document: 'd',
  token: undefined,
  user: undefined,
  vocabulary: undefined,
  session: undefined,
}

function start() {
  const refused: number[] = []
  const large = new LargeFrames({
    limits: { documentFrameBytesMax: 1_000, documentInFlightBytesMax: 1_500 },
    nowMs: () => 0,
    oversize: (_socket, bytes) => void refused.push(bytes),
    rearm: () => undefined,
  })
  let made = 0
  function connect(state: 'admitting' | 'open' = 'open'): {
    readonly socket: DocumentSocket
    readonly isRead: () => boolean
  } {
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
      terminate: () => undefined,
    }
    made += 1
    const socket = createDocumentSocket(made, transport, entry, 0)
    const place = createPlace(socket, undefined, 'd', made)
    place.state = state
    socket.places.set('', place)
    return { socket, isRead: () => isRead }
  }
  return { large, connect, refused }
}

describe('large frames', () => {
  test('are read as long as there is room for all of them, and wait in the order in which they came', () => {
    const { large, connect } = start()
    const people = [connect(), connect(), connect()]
    for (const { socket } of people) expect(large.announced(socket, 900)).toBe(1_000)
    expect(people.map(({ isRead }) => isRead())).toEqual([true, false, false])
    const [first, second, third] = people.map(({ socket }) => socket)
    if (first === undefined || second === undefined || third === undefined) throw new Error()
    const held = large.taken(first)
    expect(people.map(({ isRead }) => isRead())).toEqual([true, false, false])
    large.done(held)
    expect(people.map(({ isRead }) => isRead())).toEqual([true, true, false])
    large.gone(second)
    expect(people.map(({ isRead }) => isRead())).toEqual([true, true, true])
  })

  test('of an unauthenticated client are not read and do not block others', () => {
    const { large, connect } = start()
    const stranger = connect('admitting')
    const known = connect()
    large.announced(stranger.socket, 900)
    large.announced(known.socket, 900)
    expect([stranger.isRead(), known.isRead()]).toEqual([false, true])
    large.done(large.taken(known.socket))
    expect(stranger.isRead()).toBe(false)
    for (const place of stranger.socket.places.values()) place.state = 'open'
    large.admitted(stranger.socket)
    expect(stranger.isRead()).toBe(true)
  })

  test('that come in pieces reserve what they have grown by', () => {
    const { large, connect } = start()
    const { socket, isRead } = connect()
    large.announced(socket, 400)
    large.announced(socket, 900)
    expect([socket.largeBytes, isRead()]).toEqual([900, true])
    const other = connect()
    large.announced(other.socket, 601)
    expect(other.isRead()).toBe(false)
    large.gone(other.socket)
    large.announced(other.socket, 600)
    expect(other.socket.largeBytes).toBe(600)
  })

  test('beyond what is read are refused before a byte of them is', () => {
    const { large, connect, refused } = start()
    const { socket } = connect()
    large.announced(socket, 1_001)
    expect(refused).toEqual([1_001])
    expect(socket.largeBytes).toBe(0)
  })
})
