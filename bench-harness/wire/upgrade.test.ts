import { describe, expect, it } from 'vitest'
import { offering, readUpgrade, upgradeRequest } from './upgrade.ts'

/** The key and its answer of RFC 6455, section 1.3. */
const request = upgradeRequest(
  new URL('ws://server.example.com:8080/chat?room=1'),
  Buffer.from('the sample nonce'),
)
const bytes = request.bytesFor({ session: 0, token: undefined })
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
    expect(String(bytes)).toBe(
      'GET /chat?room=1 HTTP/1.1\r\nHost: server.example.com:8080\r\nUpgrade: websocket\r\n' +
        'Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
        'Sec-WebSocket-Version: 13\r\n\r\n',
    )
  })

  it('has the fields that were asked for, with the number and the token of a connection', () => {
    const url = new URL('wss://example.com/socket?token={token}&n={i}')
    const { bytesFor } = upgradeRequest(url, Buffer.alloc(16), [
      ['Cookie', 'sid={token}; n={i}'],
      ['Host', 'other.example.com'],
    ])
    const [line, ...fields] = String(bytesFor({ session: 7, token: 'a b&c' })).split('\r\n')
    expect(line).toBe('GET /socket?token=a%20b%26c&n=7 HTTP/1.1')
    expect(fields).toContain('Cookie: sid=a b&c; n=7')
    expect(fields.filter((field) => field.startsWith('Host:'))).toEqual(['Host: other.example.com'])
    expect(String(bytesFor({ session: 8, token: 'd' }))).toContain('Cookie: sid=d; n=8\r\n')
  })

  it('offers subprotocols where it is told to, and says which was taken up', () => {
    expect(String(offering(bytes, ['a', 'b.c']))).toBe(
      `${String(bytes).slice(0, -2)}Sec-WebSocket-Protocol: a, b.c\r\n\r\n`,
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
