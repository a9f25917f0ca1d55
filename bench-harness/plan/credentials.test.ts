import { describe, expect, it } from 'vitest'
import { credentialsOfWorker, parseHeader, parseTokens } from './credentials.ts'

describe('a header', () => {
  it('is a name and a value', () => {
    expect(parseHeader('Cookie: sid=a; b=c:d')).toEqual(['Cookie', 'sid=a; b=c:d'])
    expect(parseHeader('X-Empty:')).toEqual(['X-Empty', ''])
  })

  it.each(['no colon', ': value', 'Bad Name: x', 'A: one\r\nB: two', 'A: \u00e9', 'Upgrade: h2c'])(
    'is refused with a reason: %s',
    (text) => expect(typeof parseHeader(text)).toBe('string'),
  )
})

describe('tokens', () => {
  it('are the lines of a file, without empty ones', () => {
    expect(parseTokens('a\r\n\n b \n')).toEqual(['a', 'b'])
    expect(typeof parseTokens('\n')).toBe('string')
    expect(typeof parseTokens('a\n\u00e9')).toBe('string')
  })

  it('of a worker give each session the line of its number, in turn', () => {
    for (const count of [1, 3, 4, 7, 12, 100])
      for (const workers of [1, 2, 3, 4]) {
        const tokens = Array.from({ length: count }, (_, no) => `t${no}`)
        for (let worker = 0; worker < workers; worker += 1) {
          const of = { worker, workers, connections: 40 }
          const own = credentialsOfWorker({ headers: [], tokens }, of).tokens
          expect(own.length).toBeLessThanOrEqual(Math.min(Math.ceil(40 / workers), count))
          for (let session = worker; session < 40; session += workers)
            expect(own[((session - worker) / workers) % own.length]).toBe(`t${session % count}`)
        }
      }
  })
})
