import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocketServer } from 'ws'
import type { FromRunner } from '../../bench-harness/control/messages.ts'
import { clockOffMs, estimateOffset } from '../../bench-harness/controller/clock-offset.ts'
import { cleanHosts } from '../../bench-harness/host/clean-hosts.ts'
import {
  type HostProgress,
  type OpenedHost,
  type OpenHostsOptions,
  openHosts,
} from '../../bench-harness/host/open-hosts.ts'
import { readWorkerBundle } from '../../bench-harness/host/worker-bundle.ts'
import { parseHosts } from '../../bench-harness/hosts/hosts-file.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'
import { type Boxes, makeBoxes, tryBoxes } from './parts/boxes.ts'
import { smallPlan } from './parts/small-plan.ts'

const bundlePath = fileURLToPath(new URL('../../dist/bench-harness/worker.mjs', import.meta.url))
const bundle = readWorkerBundle(bundlePath)
let runs = 0
const newRun = (): string => `hosts-test-${process.pid}-${++runs}`

/** The runners and workers of a run. */
function processesOf(run: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const [, program = '', role, itsRun] = wordsOf(pid)
      return itsRun === run && /worker.*\.mjs$/.test(program) && role !== undefined
    })
    .map(Number)
}

function wordsOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch (error) {
    // It has ended meanwhile.
    if (error instanceof Error && 'code' in error) return []
    throw error
  }
}

async function open(
  run: string,
  hosts: string,
  sshWords: readonly string[],
  more: Partial<OpenHostsOptions> = {},
): Promise<readonly OpenedHost[]> {
  const parsed = parseHosts(hosts)
  expect(parsed.mistakes).toEqual([])
  const opened = await openHosts(parsed.hosts, {
    run,
    lifetimeMs: 120_000,
    bundle,
    shipNode: false,
    sshWords,
    chance: Math.random,
    pause,
    progress: () => undefined,
    ...more,
  })
  onTestFinished(async () => {
    for (const { line } of opened) line.kill()
    await Promise.all(opened.map(({ line }) => line.closed))
  })
  return opened
}

/** Collects what runners say, and starts workers on them. */
function startWorkers(
  run: string,
  opened: readonly OpenedHost[],
  perHost: number,
  url = 'ws://127.0.0.1:9/',
) {
  const heard: FromRunner[] = []
  const plan = smallPlan(run, url, opened.length * perHost * 5)
  const workers = opened.length * perHost
  opened.forEach(({ line }, index) => {
    line.onMessage((message) => heard.push(message))
    const shares = Array.from({ length: perHost }, (_, no) => ({
      worker: index * perHost + no,
      workers,
      sources: [],
    }))
    line.send({ type: 'prepare', plan, workers: shares })
  })
  const all = <Type extends FromRunner['type']>(type: Type) =>
    heard.filter((one): one is Extract<FromRunner, { type: Type }> => one.type === type)
  const prepared = () => until('all workers are prepared', () => all('prepared').length === workers)
  return { all, prepared, plan }
}

const gone = (run: string) =>
  until('no process of the run is left', () => processesOf(run).length === 0)

const linesOf = ({ names }: Boxes): string => names.join('\n')

describe('this machine as a host', () => {
  test('a worker that is killed is told, and the others go on', async () => {
    const run = newRun()
    const opened = await open(run, 'localhost', [])
    const { all, prepared } = startWorkers(run, opened, 2)
    await prepared()
    const [first] = all('prepared')
    process.kill(first?.pid ?? 0, 'SIGKILL')
    await until('the death is told', () => all('worker_died').length > 0)
    expect(all('worker_died')).toEqual([
      { type: 'worker_died', worker: first?.worker, how: 'SIGKILL' },
    ])
    expect(processesOf(run)).toHaveLength(2)
    opened[0]?.line.send({ type: 'end' })
    expect(await opened[0]?.line.closed).toBe('ended with exit code 0')
    await gone(run)
    expect(all('worker_died')).toHaveLength(1)
  })

  test('a runner that is killed takes its workers with it', async () => {
    const run = newRun()
    const opened = await open(run, 'localhost', [])
    const { all, prepared } = startWorkers(run, opened, 2)
    await prepared()
    const workers = all('prepared').map(({ pid }) => pid)
    for (const pid of processesOf(run).filter((one) => !workers.includes(one)))
      process.kill(pid, 'SIGKILL')
    expect(await opened[0]?.line.closed).toBe('ended by SIGKILL')
    await gone(run)
  })

  test('a runner ends when its time is over, also without being told', async () => {
    const run = newRun()
    const opened = await open(run, 'localhost', [], { lifetimeMs: 1_500 })
    const { prepared } = startWorkers(run, opened, 1)
    await prepared()
    expect(await opened[0]?.line.closed).toMatch(/its 1500 ms are over/)
    await gone(run)
  })

  test('cleaning ends what hears nobody, and nothing else', async () => {
    const folder = temporaryDirectory()
    const run = newRun()
    const opened = await open(run, `localhost dir=${folder}`, [])
    const { prepared } = startWorkers(run, opened, 2)
    await prepared()
    const entries = parseHosts(`localhost dir=${folder}`).hosts
    writeFileSync(join(folder, 'notes'), 'not ours')
    const [name = ''] = readdirSync(folder).filter((one) => one.endsWith('.lock'))
    const lock = join(folder, name)
    await until('the lock names all three', () => marksIn(lock).length === 3)
    expect(await cleanHosts(entries, {})).toMatchObject([{ ended: [], running: [lock] }])

    // As if its number had been given to somebody else since.
    const wrong = readFileSync(lock, 'utf8').replaceAll(/^(process \d+) (\d+)/gm, '$1 1$2')
    writeFileSync(join(folder, 'bench-other-1.lock'), wrong)
    writeFileSync(
      join(folder, 'bench-far-1.lock'),
      wrong.replace(/^host .*/m, 'host far').replace(/^boot .*/m, 'boot x'),
    )
    // What is stopped touches nothing.
    const family = processesOf(run)
    for (const pid of family) process.kill(pid, 'SIGSTOP')
    for (const one of readdirSync(folder)) utimesSync(join(folder, one), 0, 0)
    const [cleaned] = await cleanHosts(entries, {})
    expect(cleaned?.ended.toSorted()).toEqual(family.toSorted())
    expect(cleaned?.elsewhere).toEqual([join(folder, 'bench-far-1.lock')])
    await gone(run)
    expect(readdirSync(folder).toSorted()).toEqual(['bench-far-1.lock', 'notes'])
  })

  test('a controller that is killed leaves nothing running', async () => {
    const run = newRun()
    const pid = await startController(run, 'localhost', [])
    process.kill(pid, 'SIGKILL')
    await gone(run)
  })
})

function marksIn(lock: string): string[] {
  return readFileSync(lock, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('process '))
}

/** Starts a controller in a process of its own, and waits until its workers are there. */
async function startController(
  run: string,
  hosts: string,
  sshWords: readonly string[],
): Promise<number> {
  const program = fileURLToPath(new URL('parts/open-and-wait.ts', import.meta.url))
  const child = spawn(process.execPath, [program, run, bundlePath, hosts, ...sshWords], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = await once(child.stdout, 'data')
  expect(String(line)).toBe('ready\n')
  return child.pid ?? 0
}

const refusal = tryBoxes()
if (refusal !== undefined) {
  console.warn(refusal)
  test.skipIf(process.env['CI'] !== 'true')('hosts can be tested on boxes', () => {
    expect.fail(refusal)
  })
}

describe.skipIf(refusal !== undefined)('hosts that are reached by ssh', () => {
  test('three boxes hold connections, and tell their clocks', async () => {
    const boxes = await makeBoxes(3)
    const server = new WebSocketServer({ host: '0.0.0.0', port: 0 })
    onTestFinished(() => {
      for (const client of server.clients) client.terminate()
      server.close()
    })
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const run = newRun()
    const opened = await open(run, linesOf(boxes), boxes.sshWords)
    const url = `ws://${boxes.ownAddress}:${port}/`
    const { all, prepared } = startWorkers(run, opened, 2, url)
    await prepared()
    for (const { line } of opened) {
      line.send({ type: 'clock', no: 1 })
      line.send({ type: 'phase', phase: 'ramp', at: 0, connections: 30 })
    }
    await until('the server has all connections', () => server.clients.size === 30)
    await until('all clocks are told', () => all('clock').length === 3)
    const readyOf = (worker: number) =>
      all('tick').findLast((tick) => tick.worker === worker)?.ledger.now.ready
    await until('all workers say that theirs are ready', () =>
      [0, 1, 2, 3, 4, 5].every((worker) => readyOf(worker) === 5),
    )
    for (const { line } of opened) line.send({ type: 'end' })
    expect(await Promise.all(opened.map(({ line }) => line.closed))).toEqual(
      Array(3).fill('ended with exit code 0'),
    )
    await gone(run)
    expect(readdirSync(join(boxes.homeOf('box1'), '.cache/rusher'))).toEqual([
      `bench-worker-${bundle.sha256}.mjs`,
    ])
  })

  test('the program is sent once, and used from then on', async () => {
    const boxes = await makeBoxes(1)
    const news: HostProgress[] = []
    const progress = (one: HostProgress) => void news.push(one)
    await open(newRun(), 'box1', boxes.sshWords, { progress })
    expect(news.map(({ text }) => text)).toContain("sending the worker's program")
    news.length = 0
    await open(newRun(), 'box1', boxes.sshWords, { progress })
    expect(news.map(({ state }) => state)).toEqual(['connecting', 'ready'])
  })

  test('a program that was damaged in the cache is not run', async () => {
    const boxes = await makeBoxes(1)
    await open(newRun(), 'box1', boxes.sshWords)
    const path = join(boxes.homeOf('box1'), `.cache/rusher/bench-worker-${bundle.sha256}.mjs`)
    writeFileSync(path, `${readFileSync(path, 'utf8')}//`)
    await expect(open(newRun(), 'box1', boxes.sshWords)).rejects.toThrow(/is not ours/)
  })

  test('cleaning a box takes the program away', async () => {
    const boxes = await makeBoxes(1)
    const [opened] = await open(newRun(), 'box1', boxes.sshWords)
    opened?.line.send({ type: 'end' })
    await opened?.line.closed
    const { hosts } = parseHosts('box1\nnobody@box1')
    const cleaned = await cleanHosts(hosts, { sshWords: boxes.sshWords })
    expect(cleaned).toMatchObject([
      { host: 'box1', removed: [expect.stringContaining(bundle.sha256)] },
      { host: 'nobody@box1', failure: expect.stringContaining('Permission denied') },
    ])
    expect(readdirSync(join(boxes.homeOf('box1'), '.cache/rusher'))).toEqual([])
  })

  test('two lines for one sshd are two runners', async () => {
    const boxes = await makeBoxes(1)
    const run = newRun()
    const opened = await open(run, 'box1 label=a\nbox1 label=b dir=~/other', boxes.sshWords)
    expect(opened.map(({ entry }) => entry.name)).toEqual(['a', 'b'])
    expect(processesOf(run)).toHaveLength(2)
    expect(existsSync(join(boxes.homeOf('box1'), 'other'))).toBe(true)
  })

  test('a sshd that drops those who come beyond two gets all runners in the end', async () => {
    const boxes = await makeBoxes(1, { maxStartups: '2:100:2' })
    const news: HostProgress[] = []
    const labels = Array.from({ length: 10 }, (_, no) => `box1 label=r${no}`)
    const run = newRun()
    await open(run, labels.join('\n'), boxes.sshWords, { progress: (one) => void news.push(one) })
    expect(processesOf(run)).toHaveLength(10)
    expect(news.some(({ text }) => text.startsWith('trying again'))).toBe(true)
  })

  test('a box without Node is refused with what to do, and works with ours', async () => {
    const boxes = await makeBoxes(1, { node: false })
    await expect(open(newRun(), 'box1', boxes.sshWords)).rejects.toThrow(
      /box1: it has no Node 22 or later. Run again with --ship-node.*curl -fsSL https:\/\/nodejs.org/,
    )
    const run = newRun()
    const opened = await open(run, 'box1', boxes.sshWords, { shipNode: true })
    expect(opened[0]?.line.facts.node).toBe(process.version)
    expect(readdirSync(join(boxes.homeOf('box1'), '.cache/rusher')).join()).toMatch(
      /node-[0-9a-f]{64}/,
    )
  })

  test('a Node that is too old is named', async () => {
    const boxes = await makeBoxes(1, { node: false })
    const old = join(boxes.homeOf('box1'), 'old-node')
    writeFileSync(old, '#!/bin/sh\necho v18.1.0\n')
    chmodSync(old, 0o755)
    await expect(open(newRun(), 'box1 node=~/old-node', boxes.sshWords)).rejects.toThrow(
      /node=~\/old-node is no Node 22 or later there \(.*old-node is v18\.1\.0\)/,
    )
  })

  test('a path from the hosts file is one word, whatever is in it', async () => {
    const boxes = await makeBoxes(1)
    const trap = join(temporaryDirectory(), 'trap')
    const folder = `${boxes.homeOf('box1')}/a'$(touch\${IFS}${trap})"\`id\``
    await open(newRun(), `box1 dir=${folder}`, boxes.sshWords)
    expect(existsSync(folder)).toBe(true)
    expect(existsSync(trap)).toBe(false)
  })

  test('an unknown host key is refused with what to do, unless new ones are accepted', async () => {
    const boxes = await makeBoxes(2, { known: false })
    const failed = open(newRun(), linesOf(boxes), boxes.sshWords)
    await expect(failed).rejects.toMatchObject({ code: 'HOST_BOOTSTRAP' })
    await expect(failed).rejects.toThrow(
      /2 of 2 hosts could not be used:\n {2}box1: .*failed\.\s+Its host key is unknown.*box2: /s,
    )
    const opened = await open(newRun(), linesOf(boxes), boxes.sshWords, { acceptNewHostKeys: true })
    expect(opened).toHaveLength(2)
  })

  test('one host that fails ends the runners of the others', async () => {
    const boxes = await makeBoxes(1)
    const run = newRun()
    await expect(open(run, 'box1\nnobody@box1 label=b', boxes.sshWords)).rejects.toThrow(
      /1 of 2 hosts.*b: .*Permission denied/s,
    )
    await gone(run)
  })

  test('a controller that is killed leaves nothing running on any box', async () => {
    const boxes = await makeBoxes(2)
    const run = newRun()
    const pid = await startController(run, linesOf(boxes), boxes.sshWords)
    expect(processesOf(run)).toHaveLength(6)
    process.kill(pid, 'SIGKILL')
    await gone(run)
  })

  test('an ssh client that is killed is told of, and leaves nothing running', async () => {
    const boxes = await makeBoxes(1)
    const run = newRun()
    const opened = await open(run, 'box1', boxes.sshWords)
    const { prepared } = startWorkers(run, opened, 2)
    await prepared()
    for (const pid of clientsOf(boxes)) process.kill(pid, 'SIGKILL')
    expect(await opened[0]?.line.closed).toBe('ended by SIGKILL')
    await gone(run)
  })

  test('a box that is cut off stops by itself', async () => {
    const boxes = await makeBoxes(1)
    const run = newRun()
    const opened = await open(run, 'box1', boxes.sshWords)
    const { prepared } = startWorkers(run, opened, 2)
    await prepared()
    boxes.cutOff('box1')
    // Nothing tells the runner but that no beat comes any more.
    await until('no process of the run is left', () => processesOf(run).length === 0, 45_000)
    expect(await opened[0]?.line.closed).toMatch(/ended with exit code 255/)
  })

  test('a wall clock that is off says nothing about when things happen', async () => {
    const boxes = await makeBoxes(1)
    const late = join(boxes.homeOf('box1'), 'late-node')
    const fake = `exec faketime -f +5s "${process.execPath}" "$@"`
    writeFileSync(late, `#!/bin/sh\nFAKETIME_DONT_FAKE_MONOTONIC=1 ${fake}\n`)
    chmodSync(late, 0o755)
    const run = newRun()
    const opened = await open(run, 'box1 node=~/late-node', boxes.sshWords)
    const now = () => Number(process.hrtime.bigint()) / 1e6
    const answers: [number, Extract<FromRunner, { type: 'clock' }>][] = []
    const [line] = opened.map((one) => one.line)
    line?.onMessage((message) => {
      if (message.type === 'clock') answers.push([now(), message])
    })
    let clock: ReturnType<typeof estimateOffset> | undefined
    for (let no = 1; no <= 8; no++) {
      const sentMs = now()
      line?.send({ type: 'clock', no })
      await until('an answer came', () => answers.length === no)
      const [heardMs, answer] = answers[no - 1] ?? [0, undefined]
      if (answer === undefined) throw new Error('there is an answer')
      clock = estimateOffset(clock, { sentMs, heardMs, ...answer })
    }
    if (clock === undefined) throw new Error('there is an estimate')
    // The boxes have the same kernel as the test, hence the same monotonic clock.
    expect(Math.abs(clock.offsetMs)).toBeLessThanOrEqual(clock.errorMs)
    expect(clockOffMs(clock, now(), Date.now())).toBeCloseTo(5_000, -2)
  })
})

function clientsOf(boxes: Boxes): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const words = wordsOf(pid)
      return words[0] === 'ssh' && words.includes(boxes.sshWords[1] ?? '')
    })
    .map(Number)
}
