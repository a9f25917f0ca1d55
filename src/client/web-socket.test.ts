import { describe, expect, test } from 'vitest'
import { settle } from './test-parts/fake-clock.ts'
import { FakeNetwork } from './test-parts/fake-socket.ts'
import { openSocket, socketUrl } from './web-socket.ts'

describe('the URL', () => {
  test.each([
    ['http://127.0.0.1:8080', 'ws://127.0.0.1:8080/rusher'],
    ['https://example.test/', 'wss://example.test/rusher'],
    ['wss://example.test/live', 'wss://example.test/live'],
    ['HTTPS://example.test?room=1', 'wss://example.test/rusher?room=1'],
    ['ws://[::1]:8080/#part', 'ws://[::1]:8080/rusher'],
  ])('%s is connected to at %s', (url, target) => {
    expect(socketUrl(url)).toBe(target)
  })

  test.each(['', 'example.test', 'ftp://example.test', 'http://'])('%j is refused', (url) => {
    expect(() => socketUrl(url)).toThrow(expect.objectContaining({ code: 'BAD_URL' }))
  })
})

describe('the socket', () => {
  test('a constructor that throws is a connection that was closed', async () => {
    const closed: string[] = []
    const handlers = {
      opened() {},
      receivedBytes() {},
      received() {},
      closed: (_code: number, reason: string) => closed.push(reason),
    }
    openSocket(
      'ws://x',
      handlers,
      class {
        constructor() {
          throw new Error('no sockets here')
        }
      } as never,
    )
    expect(closed).toEqual([])
    await settle()
    expect(closed).toEqual(['Error: no sockets here'])
  })

  test('nothing is heard from a socket after it was closed', () => {
    const network = new FakeNetwork()
    const heard: string[] = []
    const handlers = {
      opened: () => heard.push('opened'),
      received: () => heard.push('received'),
      receivedBytes: () => heard.push('bytes'),
      closed: () => heard.push('closed'),
    }
    const socket = openSocket('ws://x', handlers, network.webSocket)
    network.last.open()
    socket.close(1000, '')
    network.last.readyState = 1
    network.last.say({ type: 'ping' })
    network.last.drop()
    expect(heard).toEqual(['opened'])
  })
})
