import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Result } from '../../../bench-harness/bundle/bundle.ts'
import { createBundleWriter } from '../../../bench-harness/bundle/write-bundle.ts'
import { type OwnServer, startOwnServer } from '../../../bench-harness/controller/own-server.ts'
import { shareOut } from '../../../bench-harness/controller/share-out.ts'
import { startRun } from '../../../bench-harness/controller/start-run.ts'
import { openHosts } from '../../../bench-harness/host/open-hosts.ts'
import { readWorkerBundle } from '../../../bench-harness/host/worker-bundle.ts'
import type { HostEntry } from '../../../bench-harness/hosts/host-entry.ts'
import { readHosts } from '../../../bench-harness/hosts/read-hosts.ts'
import { lifetimeMsOf } from '../../../bench-harness/plan/lengths.ts'
import { makePlan } from '../../../bench-harness/plan/make-plan.ts'
import type { Plan } from '../../../bench-harness/plan/plan.ts'
import { isThisMachine } from '../../../bench-harness/plan/target-address.ts'
import { hostFactsHere } from '../../../bench-harness/runner/host-facts.ts'
import type { Scenario } from '../../../bench-harness/scenario/scenario.ts'
import { createMonotonicClock } from '../../../bench-harness/worker/monotonic.ts'
import { RusherError } from '../../protocol/index.ts'
import { approveSize } from './approve-size.ts'
import { ask } from './ask.ts'
import { benchExitOf } from './bench-exits.ts'
import type { BenchFlags } from './bench-flags.ts'
import { checkTarget } from './check-target.ts'
import { describeRun } from './describe-run.ts'
import { finalWords, stepSummary } from './final-words.ts'
import { followInJson } from './json-lines.ts'
import { loadScenario, scenarioOfPlan } from './load-scenario.ts'
import { openServerSide } from './open-server-side.ts'
import { followInLines } from './plain-lines.ts'
import { readCredentials } from './read-credentials.ts'
import { readPlan } from './read-plan.ts'
import { findMax } from './run-find-max.ts'
import { reportOn } from './run-report.ts'
import { sentenceOfFleet } from './sentence-of-fleet.ts'
import { fitted } from './wrap.ts'

const thisMachine: HostEntry = { line: 1, name: 'localhost', sources: [], weight: 1 }
/**
 * Connections to one address before another is used. Linux gives connects the even ports of its range first; once those are taken, and there are
 * 14,116 of them by default, it goes through all of them each time: measured, 0.03 ms a connect become 0.5 ms.
 */
const connectionsOfAddress = 12_000

/** Runs `rusher bench`: one run from the plan to the report, or the runs of a search. Resolves to the exit code. */
export async function runBench(flags: BenchFlags): Promise<number> {
  try {
    if (flags.findMax !== true) return (await cleanRun(flags, false)).exitCode
    const result = await findMax(flags, cleanRun, say)
    await afterwards(result, flags)
    if (flags.json === true) process.stdout.write(`${JSON.stringify(result)}\n`)
    return result.exitCode
  } catch (error) {
    if (!(error instanceof RusherError)) throw error
    process.stderr.write(`rusher: ${error.message}\n`)
    return benchExitOf(error)
  }
}

/** One run, and nothing of it left. A quiet one is a step of a search. */
async function cleanRun(flags: BenchFlags, isQuiet: boolean): Promise<Result> {
  const cleanups: (() => Promise<unknown>)[] = []
  try {
    const isStep = isQuiet || flags.findMax === true
    const result = await benchOnce(isQuiet ? { ...flags, quiet: true } : flags, cleanups, isQuiet)
    if (!isStep) await afterwards(result, flags)
    return result
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup()
  }
}

/** One run. What has to be undone afterwards is put among the cleanups. */
async function benchOnce(
  flags: BenchFlags,
  cleanups: (() => Promise<unknown>)[],
  isQuiet: boolean,
): Promise<Result> {
  const now = createMonotonicClock()
  const { scenario, draft } = await draftOf(flags)
  const { run } = draft
  const entries = flags.clients ? await readHosts(flags.clients, process.stdin) : [thisMachine]
  const credentials = readCredentials(flags)
  const target = await checkTarget(draft, flags)
  const isOwn = target.own || target.urls.length === 0
  const size = { ...draft, target }
  if (flags.clients === undefined && !isQuiet) await approve(size, isOwn, flags)
  const ownServer = isOwn ? await startServer(draft, scenario, flags) : undefined
  if (ownServer !== undefined) cleanups.push(() => ownServer.stop())
  const plan = ownServer === undefined ? size : planForOwn(draft, ownServer)
  const bundle = createBundleWriter(flags.out ?? join('rusher-runs', run))
  bundle.plan(plan)

  const opened = await openHosts(entries, {
    run,
    lifetimeMs: lifetimeMsOf(plan),
    bundle: readWorkerBundle(),
    shipNode: flags.shipNode === true,
    ...(flags.acceptNewHostKeys === true ? { acceptNewHostKeys: true } : {}),
    ...(flags.sshConfig === undefined ? {} : { sshWords: ['-F', flags.sshConfig] }),
    chance: Math.random,
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    progress: ({ host, state, text }) => {
      if (flags.clients !== undefined || state === 'failed') say(`${host}: ${text}`)
    },
  })
  cleanups.push(async () => {
    for (const { line } of opened) line.kill()
  })
  const hosts = shareOut(opened, plan, credentials)
  if (!isQuiet) say(sentenceOfFleet(opened, hosts, plan))
  const notes: string[] = []
  const serverSide = await openServerSide(plan, ownServer, flags, (text) => notes.push(text))
  cleanups.push(() => serverSide.close())
  const describe = await describeRun({ opened, hosts, serverSide, startedAt: new Date() })
  bundle.environment(describe(undefined))

  const started = startRun({
    plan,
    scenario,
    hosts,
    serverSide,
    bundle,
    now,
    ownServer,
    notes,
    describe,
  })
  const forget = endOnSignals(() => started.abort())
  try {
    return await follow(started, flags, now, isQuiet)
  } finally {
    forget()
  }
}

/** The scenario, and the plan as far as it is known before anything is started. */
async function draftOf(flags: BenchFlags): Promise<{ scenario: Scenario; draft: Plan }> {
  const run = flags.run ?? Date.now().toString(36)
  if (flags.plan !== undefined) {
    const plan = readPlan(flags.plan)
    // A server of its own is started again, at whatever port it gets.
    const target = plan.target.own ? { ...plan.target, urls: [] } : plan.target
    return { scenario: await scenarioOfPlan(plan), draft: { ...plan, run, target } }
  }
  const { scenario, source } = await loadScenario(flags.scenario ?? 'hold')
  const wishes = { ...flags, ...(source === undefined ? {} : { source }) }
  return { scenario, draft: makePlan(scenario, wishes, run) }
}

/** Estimates a run on this machine, and asks at a terminal whether to begin. */
async function approve(draft: Plan, isOwn: boolean, flags: BenchFlags): Promise<void> {
  const isAttended = process.stdin.isTTY && process.stderr.isTTY
  await approveSize(draft, isOwn || isThisMachine(draft.target), {
    facts: hostFactsHere(),
    urls: isOwn ? ownUrls(draft, 8_080) : draft.target.urls,
    yes: flags.yes === true,
    ask: isAttended ? ask : undefined,
    say,
  })
}

/** URLs of the run's own server, on as many loopback addresses as its connections need ports. */
function ownUrls({ connections, target }: Plan, port: number): readonly string[] {
  const path = target.dialect === 'hocuspocus' ? '/docs' : '/rusher'
  const addresses = Math.ceil(connections / connectionsOfAddress)
  return Array.from({ length: addresses }, (_, no) => `ws://127.0.0.${no + 1}:${port}${path}`)
}

async function startServer(
  plan: Plan,
  { edgesLeast }: Scenario,
  flags: BenchFlags,
): Promise<OwnServer> {
  const isRusher = ['rusher', 'hocuspocus'].includes(plan.target.dialect)
  if (!isRusher && plan.scenario.name !== 'seed-2018')
    throw new RusherError(
      'USAGE',
      `--dialect ${plan.target.dialect} needs a server of that kind: name it with --target ws://host:port`,
    )
  const folder = await mkdtemp(join(tmpdir(), 'rusher-bench-'))
  const server = await startOwnServer({
    folder,
    plan,
    storage: flags.storage ?? 'sqlite',
    everywhere: plan.connections > connectionsOfAddress,
    ...(flags.edges === undefined ? {} : { edges: flags.edges }),
    ...(edgesLeast === undefined ? {} : { edgesLeast }),
  })
  return {
    ...server,
    get pid() {
      return server.pid
    },
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The plan with the URLs of the server that the run has started. */
function planForOwn(draft: Plan, { port }: OwnServer): Plan {
  return { ...draft, target: { ...draft.target, urls: ownUrls(draft, port), own: true } }
}

async function follow(
  started: ReturnType<typeof startRun>,
  flags: BenchFlags,
  now: () => number,
  isQuiet: boolean,
): Promise<Result> {
  const { stdout, stdin, env } = process
  if (isQuiet) return started.ended
  if (flags.json === true) return followInJson(started, stdout)
  const isPlain =
    flags.plain === true || !stdout.isTTY || !stdin.isTTY || env['CI'] || env['TERM'] === 'dumb'
  if (flags.quiet !== true) {
    if (isPlain) await followInLines(started, stdout)
    else {
      const { showScreen } = await import('./screen/show-screen.tsx')
      await showScreen(started, { stdout, stdin, now, environment: env })
    }
  }
  return started.ended
}

/** The report, the last words, and what a CI shows. */
async function afterwards(result: Result, flags: BenchFlags): Promise<void> {
  const { bundle: folder = '' } = result
  const { report } = reportOn(folder)
  const stream = flags.json === true ? process.stderr : process.stdout
  const width = stream.isTTY ? { columns: stream.columns } : {}
  stream.write(finalWords(result, { stream, report, ...width }))
  const summary = process.env['GITHUB_STEP_SUMMARY']
  if (summary !== undefined && summary !== '')
    await writeFile(summary, stepSummary(result), { flag: 'a' })
}

/**
 * The first signal drains the run, the second ends it immediately. A closed standard output (a
 * closed terminal, or `| head -1`) drains it too.
 */
function endOnSignals(abort: () => void): () => void {
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of names) process.on(name, abort)
  process.stdout.once('error', abort)
  return () => {
    for (const name of names) process.off(name, abort)
    process.stdout.off('error', abort)
  }
}

/** Writes to standard error, wrapped to the terminal if it is one. */
function say(text: string): void {
  const { isTTY, columns } = process.stderr
  const lines = text.split('\n').flatMap((line) => (isTTY ? fitted(line, columns) : [line]))
  process.stderr.write(`${lines.join('\n')}\n`)
}
