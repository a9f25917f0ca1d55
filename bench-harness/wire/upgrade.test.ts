import { describe, expect, it } from 'vitest'
import { offering, readUpgrade, upgradeRequest } from './upgrade.ts'

/** The key and its answer of RFC 6455, section 1.3. */
const request = upgradeRequest(
  new URL('ws://server.example.com:8080/chat?room=1'),
  Buffer.from('the sample nonce'),
)
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

function head(status: string, ...fields: readonly string[]): Buffer {
  return Buffer.from(`HTTP/1.1 ${[status, ...fields].join('\r\n')}\r\n\r\n`)
}
const agreed = head(
  '101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  `Sec-WebSocket-Accept: ${accept}`,
)

describe('an upgrade', () => {
  it('is asked for with the key of RFC 6455, and knows its answer', () => {
    expect(request.accept).toBe(accept)
    expect(String(request.bytes)).toBe(
      'GET /chat?room=1 HTTP/1.1\r\nHost: server.example.com:8080\r\nUpgrade: websocket\r\n' +
        'Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
        'Sec-WebSocket-Version: 13\r\n\r\n',
    )
  })

  it('offers subprotocols where it is told to, and says which was taken up', () => {
    expect(String(offering(request, ['a', 'b.c']))).toBe(
      `${String(request.bytes).slice(0, -2)}Sec-WebSocket-Protocol: a, b.c\r\n\r\n`,
    )
    const taken = head('101 Fine', `Sec-WebSocket-Accept: ${accept}`, 'Sec-WebSocket-Protocol: a')
    expect(readUpgrade(taken, accept)).toMatchObject({ kind: 'upgraded', protocol: 'a' })
  })

  it('is not there until its last byte is', () => {
    for (let length = 0; length < agreed.length; length += 1)
      expect(readUpgrade(agreed.subarray(0, length), accept)).toEqual({ kind: 'partial' })
    expect(readUpgrade(agreed, accept)).toEqual({ kind: 'upgraded', headBytes: agreed.length })
  })

  it('ends where the first frame begins', () => {
    const bytes = Buffer.concat([agreed, Buffer.of(0x81, 2, 0x68, 0x69)])
    expect(readUpgrade(bytes, accept)).toEqual({ kind: 'upgraded', headBytes: agreed.length })
  })

  it('may write the name of its field as it likes', () => {
    const bytes = head('101 Fine', `SEC-WEBSOCKET-ACCEPT:${accept}  `)
    expect(readUpgrade(bytes, accept).kind).toBe('upgraded')
  })

  it('is refused with a status, which is told', () => {
    expect(readUpgrade(head('503 Service Unavailable', 'Retry-After: 1'), accept)).toEqual({
      kind: 'status',
      status: 503,
      line: 'HTTP/1.1 503 Service Unavailable',
      retryAfterMs: 1_000,
    })
  })

  it('that is refused without seconds to wait, or until a date, says nothing of when', () => {
    for (const fields of [[], ['Retry-After: Fri, 31 Dec 1999 23:59:59 GMT'], ['Retry-After: -1']])
      expect(readUpgrade(head('503 No', ...fields), accept)).toEqual({
        kind: 'status',
        status: 503,
        line: 'HTTP/1.1 503 No',
      })
  })

  it('with another accept key, or none, is none', () => {
    const other = head('101 Fine', 'Sec-WebSocket-Accept: AAAA')
    expect(readUpgrade(other, accept)).toEqual({ kind: 'bad accept', given: 'AAAA' })
    expect(readUpgrade(head('101 Fine'), accept)).toEqual({ kind: 'bad accept', given: 'none' })
  })

  it('is not waited for when something else than HTTP comes, or no end', () => {
    expect(readUpgrade(Buffer.from('SSH-2.0-OpenSSH_9.6\r\n'), accept).kind).toBe('no http')
    const endless = Buffer.concat([Buffer.from('HTTP/1.1 101 '), Buffer.alloc(17_000, 0x61)])
    expect(readUpgrade(endless, accept).kind).toBe('no http')
  })
})
