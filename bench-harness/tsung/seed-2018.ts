import { type TsungScript, userNumberVariable } from './script.ts'

/** How large the benchmark of 2018 is run. What is not given is as it was. */
export interface Seed2018Size {
  readonly usersPerSecond?: number
  readonly usersMax?: number
  /** How long each user stays idle, in milliseconds. */
  readonly idleMs?: number
  readonly server?: { readonly host: string; readonly port: number }
}

/** As much idleness as the test was long: nobody left before it was ended. */
const idleMs = 30 * 60_000

/**
 * Rusher's first benchmark, of August 2018: five machines with Tsung, each user connects, says one thing and then sits there. Only the message is
 * another one, since the protocol is: it is the `connect` of PROTOCOL.md, and its reply is the answer that Tsung waits for.
 */
export function seed2018(size: Seed2018Size = {}): TsungScript {
  const { usersPerSecond = 1_000, usersMax = 100_000 } = size
  const server = size.server ?? { host: 'localhost', port: 8_080 }
  return {
    v: 1,
    servers: [{ ...server, tls: false, weight: 1 }],
    clients: [1, 2, 3, 4, 5].map((no) => ({
      host: `tsungrust${no}`,
      usersMax: 64_511,
      addresses: [],
      ports: [1_025, 65_535],
    })),
    phases: [
      { durationMs: Math.ceil(usersMax / usersPerSecond) * 2_000, usersPerSecond, usersMax },
    ],
    sessions: [
      {
        name: 'idle',
        weight: 1,
        steps: [
          { kind: 'connect', path: ['/rusher'] },
          {
            kind: 'message',
            text: [
              '{"type":"connect","ref":1,"version":1,"user":{"id":"u',
              { variable: userNumberVariable },
              '"}}',
            ],
            frame: 'text',
            awaitsAnswer: true,
          },
          { kind: 'think', meanMs: size.idleMs ?? idleMs, exponential: false },
        ],
      },
    ],
  }
}
