import { expect, test } from 'vitest'
import { openSession, openSessions } from '../../bench-harness/quick/dialects.ts'
import type { RawSession } from '../../bench-harness/quick/raw-session.ts'
import { encodeCommands } from '../../src/protocol/index.ts'
import { childrenOf } from '../parts/processes.ts'
import { type AtEnd, type Served, serve } from '../parts/serve.ts'
import { shared } from '../parts/shared.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { createScale, type Scale, weighable } from '../parts/weigh.ts'

/**
 * What JavaScript holds for one of each, in bytes, as measured; what the system holds for a socket is not in it. What weighs a tenth more
 * has to lose it again, and where a change took a quarter off, the budget is to be lowered, or it would be none.
 */
const budgets = {
  'a session in two channels of a hundred, on its edge': 2_741,
  'a session in two channels of a hundred, in the core': 320,
  'a channel of two, on their edge': 254,
  'a channel of two, in the core': 1_170,
} as const

type Weighed = keyof typeof budgets

/** Sessions that come first: what the first of all cost, compiled code and modules, is no cost of a session. */
const warmSessions = 2_000
const sessions = 4_000
const roomSize = 100
const atOnce = 32

const weights = shared(weighAll)

test.each(Object.entries(budgets))('%s weighs what it is said to', (weighed, budget) => {
  const bytes = Math.round(weights()[weighed as Weighed])
  expect(bytes, `${bytes} bytes are more than the budget of ${budget}`).toBeLessThanOrEqual(
    budget * 1.1,
  )
  expect(bytes, `the budget of ${budget} bytes can be lowered`).toBeGreaterThanOrEqual(
    budget * 0.75,
  )
})

async function weighAll(atEnd: AtEnd): Promise<Record<Weighed, number>> {
  const directory = temporaryDirectory(atEnd)
  const server = await serve({
    directory,
    edges: 1,
    config: '{ limits: { acceptLateMs: 60_000 } }',
    environment: { NODE_OPTIONS: `--import=${weighable}` },
    atEnd,
  })
  const [core, edge] = [server.pid, ...childrenOf(server.pid)].map((pid) =>
    createScale(pid, directory),
  )
  if (core === undefined || edge === undefined) throw new Error('there is no edge to weigh')

  await joinPairs(await openMembers(server, warmSessions, 'warm'), 'warm')
  const empty = await weigh(edge, core)
  const members = await openMembers(server, sessions, 'user')
  const full = await weigh(edge, core)
  const channels = await joinPairs(members, 'user')
  const paired = await weigh(edge, core)
  return {
    'a session in two channels of a hundred, on its edge': (full.edge - empty.edge) / sessions,
    'a session in two channels of a hundred, in the core': (full.core - empty.core) / sessions,
    'a channel of two, on their edge': (paired.edge - full.edge) / channels,
    'a channel of two, in the core': (paired.core - full.core) / channels,
  }
}

async function weigh(edge: Scale, core: Scale): Promise<{ edge: number; core: number }> {
  return { edge: await edge(), core: await core() }
}

/** Opens sessions in two channels each, a hundred to a channel. */
async function openMembers(
  { port }: Served,
  count: number,
  prefix: string,
): Promise<readonly RawSession[]> {
  const members: RawSession[] = []
  await openSessions(count, atOnce, async (index) => {
    const room = `chat:room-${prefix}-${Math.ceil(index / roomSize)}`
    const channels = [`${room}-a`, `${room}-b`]
    const user = `${prefix}-${index}`
    members.push(await openSession({ dialect: 'rusher', port, user, channels }, () => undefined))
  })
  return members
}

/** Has every two of the sessions join two channels of their own. Returns how many channels those are. */
async function joinPairs(members: readonly RawSession[], prefix: string): Promise<number> {
  await openSessions(members.length, atOnce, async (index) => {
    const pair = Math.ceil(index / 2)
    const channels = ['a', 'b'].map((name) => ({ channel: `chat:${prefix}-${pair}-${name}` }))
    const session = members[index - 1]
    const answer = session?.next()
    session?.send(encodeCommands([{ type: 'join', ref: 3, channels }]))
    const text = String(await answer)
    if (text.includes('"error"')) throw new Error(`a join was answered by ${text}`)
  })
  return members.length
}
