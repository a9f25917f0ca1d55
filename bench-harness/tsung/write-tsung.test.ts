import { describe, expect, it } from 'vitest'
import { importTsung } from './import-tsung.ts'
import type { TsungScript } from './script.ts'
import { seed2018 } from './seed-2018.ts'
import { planOfTsung } from './tsung-plan.ts'
import { writeTsung } from './write-tsung.ts'

function readBack(xml: string): {
  readonly script: TsungScript
  readonly notes: readonly string[]
} {
  const result = importTsung(xml)
  if ('mistakes' in result) throw new Error(JSON.stringify(result.mistakes))
  return result
}

const everything: TsungScript = {
  v: 1,
  servers: [{ host: '10.0.0.5', port: 8_080, tls: false, weight: 1 }],
  clients: [{ host: 'load1', usersMax: 1_000, addresses: ['10.1.0.1'], ports: [2_000, 3_000] }],
  phases: [
    { durationMs: 1_500, usersPerSecond: 0.5, usersMax: 7 },
    { durationMs: 60_000, usersPerSecond: 20, weights: { 'a & "b"': 3 } },
  ],
  endsAfterMs: 90_000,
  seed: 5,
  connectTimeoutMs: 4_000,
  sessions: [
    {
      name: 'a & "b"',
      weight: 2.5,
      steps: [
        { kind: 'set', variables: ['a', 'b'], value: { kind: 'random_text', chars: 3 } },
        { kind: 'set', variables: ['c'], value: { kind: 'random_number', from: -1, to: 9 } },
        { kind: 'set', variables: ['d'], value: { kind: 'text', text: '<"d">' } },
        { kind: 'set', variables: ['e'], value: { kind: 'user_number' } },
        {
          kind: 'connect',
          path: ['/a?', { variable: 'a' }],
          subprotocols: 'x',
          origin: 'http://o',
        },
        {
          kind: 'repeat',
          times: 4,
          counter: { variable: 'i', from: 3, step: 2 },
          steps: [
            { kind: 'message', text: ['<&>"\n'], frame: 'binary', awaitsAnswer: false },
            { kind: 'think', meanMs: 250, exponential: true },
          ],
        },
        { kind: 'hear' },
        { kind: 'think_between', fromMs: 1_000, toMs: 4_000 },
        { kind: 'close' },
      ],
    },
  ],
}

describe('a script that is written', () => {
  it('is the same when it is read back', () => {
    expect(readBack(writeTsung(everything))).toEqual({ script: everything, notes: [] })
  })

  it('stays the same when it is written again', () => {
    const once = writeTsung(seed2018())
    expect(writeTsung(readBack(once).script)).toBe(once)
  })

  it('can be turned to another server, from one machine', () => {
    const xml = writeTsung(seed2018(), {
      oneMachine: { usersMax: 10 },
      target: { host: '127.0.0.1', port: 9_000 },
    })
    const { script } = readBack(xml)
    expect(script.servers).toEqual([{ host: '127.0.0.1', port: 9_000, tls: false, weight: 1 }])
    expect(script.clients.map(({ host, usersMax }) => [host, usersMax])).toEqual([
      ['localhost', 10],
    ])
  })

  it('gives loops without a counter one each', () => {
    const inner = { kind: 'repeat', times: 2, steps: [{ kind: 'hear' }] } as const
    const steps = [
      { kind: 'connect', path: ['/'] },
      { kind: 'repeat', times: 3, steps: [inner] },
    ] as const
    const xml = writeTsung({ ...everything, sessions: [{ name: 's', weight: 1, steps }] })
    expect(new Set(xml.match(/var="[^"]+"/g)).size).toBe(2)
  })

  it('is refused when it has headers, which Tsung 1.7 does not send', () => {
    const headers = [{ name: 'Cookie', value: ['a=b'] }]
    const steps = [{ kind: 'connect', path: ['/'], headers }] as const
    const script = { ...everything, sessions: [{ name: 's', weight: 1, steps }] }
    expect(() => writeTsung(script)).toThrow('Cookie')
  })
})

describe('the benchmark of 2018', () => {
  it('has five machines, a thousand users a second, and their whole range of ports', () => {
    const { clients, phases } = seed2018()
    expect(clients.map(({ host }) => host).join()).toBe(
      'tsungrust1,tsungrust2,tsungrust3,tsungrust4,tsungrust5',
    )
    expect(clients.every(({ ports }) => ports?.join() === '1025,65535')).toBe(true)
    expect(phases).toEqual([{ durationMs: 200_000, usersPerSecond: 1_000, usersMax: 100_000 }])
  })

  it('sends Tsung users with an origin that is one', () => {
    expect(writeTsung(seed2018())).toContain('origin="http://localhost"')
  })
})

describe('a plan for a script', () => {
  it('has its users, its rate and the path where all connect', () => {
    const { plan, notes } = planOfTsung(seed2018(), 'r1')
    expect(plan).toMatchObject({
      connections: 100_000,
      arrivalsPerSecond: 1_000,
      arrivals: 'poisson',
      target: { urls: ['ws://localhost:8080/rusher'], dialect: 'plain' },
    })
    expect(notes).toEqual([])
  })

  it('says what it does not do', () => {
    const tls = { ...everything, servers: [{ host: '::1', port: 1, tls: true, weight: 1 }] }
    const { plan, notes } = planOfTsung(tls, 'r1')
    expect(plan.target.urls).toEqual(['ws://[::1]:1/'])
    expect(notes.join('\n')).toMatch(/TLS(?:.|\n)*paths(?:.|\n)*origins(?:.|\n)*rates/)
  })
})
