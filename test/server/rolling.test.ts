import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { acknowledge, expectNoFault } from '../parts/no-fault.ts'
import { childrenOf, isAlive } from '../parts/processes.ts'
import { runServe, type Served, serve } from '../parts/serve.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { openLimits, startTraffic, type Traffic } from '../parts/traffic.ts'
import { until } from '../parts/until.ts'

const channels = ['chat:a', 'chat:b']
/** Processes start one after another, on whatever machine. */
const patienceMs = 60_000
const config = `{ drainMs: 300, limits: { ${openLimits} } }`

function count({ events }: Pick<Served, 'events'>, name: string): number {
  return events.filter(({ event }) => event === name).length
}

function times(server: Served, name: string, wanted: number): Promise<void> {
  return until(`${wanted} times ${name}`, () => count(server, name) >= wanted, patienceMs)
}

/** Waits until a server has so many edges, and none of these. */
function edgesAre(server: Served, wanted: number, old: readonly number[]): Promise<void> {
  return until(
    `${wanted} edges, all of them new`,
    () => {
      const now = childrenOf(server.pid).filter(isAlive)
      return now.length === wanted && now.every((pid) => !old.includes(pid))
    },
    patienceMs,
  )
}

/** Waits until a server has these edges and no other. */
function edgesStay(server: Served, old: readonly number[]): Promise<void> {
  return until(
    'only the old edges are left',
    () => {
      const now = childrenOf(server.pid).filter(isAlive)
      return now.length === old.length && now.every((pid) => old.includes(pid))
    },
    patienceMs,
  )
}

function step(server: Served, wanted: string): Promise<void> {
  return until(
    `the step ${wanted}`,
    () => server.events.some((event) => event.step === wanted),
    patienceMs,
  )
}

async function underTraffic(clients: number): Promise<{ server: Served; traffic: Traffic }> {
  const server = await serve({ directory: temporaryDirectory(), edges: 3, config })
  const traffic = startTraffic({ url: server.url, channels, clients, window: 1 })
  await traffic.joined
  await acknowledge(traffic, 20)
  return { server, traffic }
}

describe('SIGHUP', () => {
  test('replaces every edge, and no client misses an event or gets one twice', async () => {
    const { server, traffic } = await underTraffic(30)
    const old = childrenOf(server.pid)
    server.signal('SIGHUP')
    await times(server, 'rolled', 1)
    await edgesAre(server, 3, old)
    await acknowledge(traffic, 20)
    await expectNoFault(server.url, { traffic, channels })
    expect(server.events.find(({ event }) => event === 'rolled')).toMatchObject({ cutOff: 0 })
    expect(count(server, 'rolling')).toBe(4)
    expect(server.errors()).toBe('')
  }, 180_000)

  test('is remembered while edges are replaced, and makes one more round however often it comes', async () => {
    const { server, traffic } = await underTraffic(6)
    server.signal('SIGHUP')
    await times(server, 'rolling', 1)
    for (let more = 0; more < 3; more += 1) server.signal('SIGHUP')
    await times(server, 'rolled', 1)
    const [first] = server.events.filter(({ event }) => event === 'rolled')
    await times(server, 'rolled', 2)
    await edgesAre(server, 3, first?.pids ?? [])
    await acknowledge(traffic, 20)
    await expectNoFault(server.url, { traffic, channels })
    expect(count(server, 'rolled')).toBe(2)
    expect(count(server, 'rolling')).toBe(8)
  }, 180_000)

  test('leaves the old edges when a new one does not start, and says why', async () => {
    const directory = temporaryDirectory()
    const server = await serve({ directory, edges: 2, config })
    const traffic = startTraffic({ url: server.url, channels, clients: 6, window: 1 })
    await traffic.joined
    const old = childrenOf(server.pid)
    const file = join(directory, 'rusher.config.mjs')
    writeFileSync(file, 'export default { drainMs: 300, limitz: {} }\n')
    server.signal('SIGHUP')
    await times(server, 'roll-failed', 1)
    expect(server.events.at(-1)).toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining("there is no setting 'limitz'"),
    })
    await edgesStay(server, old)
    await acknowledge(traffic, 20)

    writeFileSync(file, `export default ${config}\n`)
    server.signal('SIGHUP')
    await times(server, 'rolled', 1)
    await edgesAre(server, 2, old)
    await expectNoFault(server.url, { traffic, channels })
  }, 180_000)

  test('has nothing to replace in one process, says so, and disturbs nothing', async () => {
    const server = await serve({ directory: temporaryDirectory(), edges: 0, config })
    const traffic = startTraffic({ url: server.url, channels, clients: 2, window: 1 })
    await traffic.joined
    server.signal('SIGHUP')
    await times(server, 'roll-failed', 1)
    expect(server.events.at(-1)).toMatchObject({ code: 'NO_EDGES' })
    await acknowledge(traffic, 20)
    await expectNoFault(server.url, { traffic, channels })
  }, 120_000)

  test.each(['an old edge', 'a new edge'] as const)(
    'survives kill -9 of %s',
    async (which) => {
      const { server, traffic } = await underTraffic(9)
      const old = childrenOf(server.pid)
      server.signal('SIGHUP')
      await step(server, 'draining')
      const isOld = which === 'an old edge'
      const victim = childrenOf(server.pid).find((pid) => old.includes(pid) === isOld)
      if (victim === undefined) throw new Error(`there is not ${which}`)
      process.kill(victim, 'SIGKILL')
      await times(server, 'rolled', 1)
      await edgesAre(server, 3, [...old, victim])
      await acknowledge(traffic, 20)
      await expectNoFault(server.url, { traffic, channels })
    },
    180_000,
  )

  test('is given up when a new edge is killed before all of them listen', async () => {
    const { server, traffic } = await underTraffic(6)
    const old = childrenOf(server.pid)
    server.signal('SIGHUP')
    await times(server, 'rolling', 1)
    const victim = childrenOf(server.pid).find((pid) => !old.includes(pid))
    if (victim === undefined) throw new Error('there is no new edge')
    process.kill(victim, 'SIGKILL')
    await times(server, 'roll-failed', 1)
    await edgesStay(server, old)
    await acknowledge(traffic, 20)
    await expectNoFault(server.url, { traffic, channels })
  }, 180_000)

  test.each(['started', 'draining'])(
    'and SIGTERM at the step %s end in order, with no process left',
    async (at) => {
      const { server, traffic } = await underTraffic(6)
      server.signal('SIGHUP')
      await step(server, at)
      const family = childrenOf(server.pid)
      server.signal('SIGTERM')
      expect(await server.exited).toEqual({ code: 0, signal: null })
      expect(server.events.at(-1)).toMatchObject({ event: 'ended', unsaved: 0, cutOff: 0 })
      await until('no edge is left', () => !family.some(isAlive))
      expect(traffic.acknowledged).toBeGreaterThan(0)
    },
    120_000,
  )
})

describe('--capacity', () => {
  const flagsOf = (capacity: string, ...more: string[]) => ({
    directory: temporaryDirectory(),
    flags: ['--capacity', capacity, ...more],
  })

  test('with --plan prints what it comes to as one line, and listens nowhere', async () => {
    const run = runServe({ ...flagsOf('60', '--plan'), edges: 2 })
    expect(await run.exited).toMatchObject({ code: 0 })
    expect(run.events).toMatchObject([{ event: 'plan', capacity: 60, edges: 2, sessionsMean: 30 }])
  })

  test('is what each edge takes, and what the start tells', async () => {
    const server = await serve({ ...flagsOf('60'), edges: 2 })
    expect(server.events[0]).toMatchObject({ sessionsMax: 107, plan: { capacity: 60, edges: 2 } })
  })

  test.each([
    ['0', 'from 1'],
    ['1e12', 'whole number'],
    ['-5', 'whole number'],
    ['many', 'whole number'],
    ['999999999999999', 'are the most'],
  ])('of %s is refused with a sentence', async (capacity, sentence) => {
    const run = runServe(flagsOf(capacity, '--plan'))
    expect(await run.exited).toMatchObject({ code: 2 })
    expect(run.errors()).toContain(sentence)
  })
})
