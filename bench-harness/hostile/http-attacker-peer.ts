import { connect } from 'node:net'
import { setPriority } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { createRandom } from '../plan/random.ts'
import { answerParent, type Fields, numberOf } from '../quick/peer-port.ts'
import type { Random } from './mutate-text.ts'

/* Requests that are cut short, never finished, wrongly framed, or whose bodies are deep or wide. */

const lifeMs = 7_000
const openMax = 400

const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`
const wide = `[${'{},'.repeat(20_000)}{}]`
const requests: readonly string[] = [
  put('/docs/hostile/json', '{"type":"doc","content":[{"type":"paragraph"}]}'),
  put('/docs/hostile/json', deep),
  put('/docs/hostile/json', wide),
  post('/docs/hostile/seed/json', wide),
  post('/docs/hostile/update', '\u0000\u0000'),
  post('/docs/hostile/remove-author', '{"user":"mallory"}'),
  'GET /docs/hostile/json HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'GET /docs/hostile/versions HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'PUT /docs/hostile/json HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n',
]

async function attack(fields: Fields): Promise<Record<string, number>> {
  const port = numberOf(fields, 'port')
  const next = createRandom(numberOf(fields, 'seed'))
  const random: Random = (limit) => Math.floor(next() * limit)
  const everyMs = 1_000 / numberOf(fields, 'perSecond')
  const endMs = performance.now() + numberOf(fields, 'ms')
  let requestsSent = 0
  let open = 0
  while (performance.now() < endMs) {
    await pause(everyMs)
    if (open >= openMax) continue
    open += 1
    requestsSent += 1
    const request = requests[random(requests.length)] ?? ''
    sendBroken(port, request, random, () => {
      open -= 1
    })
  }
  return { requests: requestsSent }
}

/**
 * Sends a request as it is, twice over, up to some byte, or a byte at a time and never to its end.
 */
function sendBroken(port: number, request: string, random: Random, ended: () => void): void {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.on('close', ended)
  socket.resume()
  const life = setTimeout(() => socket.destroy(), lifeMs)
  socket.on('close', () => clearTimeout(life))
  socket.on('connect', () => {
    const cut = random(request.length)
    switch (random(5)) {
      case 0:
        return void socket.write(request)
      case 1:
        return void socket.write(request + request)
      case 2:
        return void socket.write(request.slice(0, cut), () => socket.resetAndDestroy())
      case 3:
        return void socket.end(request.slice(0, cut))
      default:
        return void socket.write(request.slice(0, cut))
    }
  })
}

function put(path: string, body: string): string {
  return withBody('PUT', path, body)
}

function post(path: string, body: string): string {
  return withBody('POST', path, body)
}

function withBody(method: string, path: string, body: string): string {
  const length = Buffer.byteLength(body)
  return `${method} ${path}?user=mallory HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`
}

// A real attacker has its own machine; here it must not take the server's processor.
setPriority(19)
answerParent({ attack })
