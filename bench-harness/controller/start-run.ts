import type { Environment, Result } from '../bundle/bundle.ts'
import { summarize } from '../bundle/summarize.ts'
import { drainMsMaxOf, rampMsMaxOf, rampMsOf } from '../plan/lengths.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Run, RunView } from '../view/run-view.ts'
import type { ClockOffset } from './clock-offset.ts'
import { conclude } from './conclude.ts'
import { createLatch } from './latch.ts'
import type { OwnServer, ServerAct } from './own-server.ts'
import { createRunState, type RunParts, type RunState } from './run.ts'

export interface StartParts extends RunParts {
  /** The server, when the run started it: only then can a scenario kill it. */
  readonly ownServer: OwnServer | undefined
  /** Sentences that belong into its log; more may come. */
  readonly notes: string[]
  /** Makes the environment once the clocks are known. */
  readonly describe: (end: {
    readonly endedAt: Date
    readonly clockOf: (host: string) => ClockOffset | undefined
    readonly nowMs: number
  }) => Environment
}

/** Connections with which the path is tried before many follow. */
const primeConnections = 10
/** From telling a phase to its beginning: by then every host has heard of it. */
const leadMs = 300

/** Conducts a run: phase after phase, until the sessions are closed and the verdict is worked out. */
export function startRun(parts: StartParts): Run {
  const state = createRunState(parts)
  const latch = createLatch()
  let phase: RunView['phase'] = 'starting'
  let result: Result | undefined
  let aborts = 0

  const conduct = async (): Promise<Result> => {
    const { plan, scenario } = parts
    state.fleet.askClocks()
    await state.fleet.prepare(plan)
    state.begin()
    const enter = (next: typeof state.phase, plannedMs: number): void => {
      state.phase = next
      phase = next
      state.phaseEndMs = Number.isFinite(plannedMs) ? parts.now() + plannedMs : undefined
      state.note('phase', next)
    }
    parts.ownServer?.onDied((how) => {
      state.note('server', `the server ended: ${how}`)
      serverDied = true
      latch.cut()
    })
    const isOver = (): boolean => aborts > 0 || serverDied || allDead(state)
    let serverDied = false

    // What there is before the first connection.
    if (!isOver()) await state.gather()
    if (!isOver()) {
      enter('prime', plan.durations.primeMs)
      await prime(parts, state, latch.wait)
    }
    if (!isOver()) {
      enter('ramp', leadMs + rampMsOf(plan))
      await ramp(parts, state, latch.wait)
    }
    if (!isOver()) {
      enter('settle', leadMs + plan.durations.settleMs)
      state.fleet.phase({ phase: 'settle' }, leadMs)
      await latch.wait(leadMs + plan.durations.settleMs, isOver)
    }
    if (!isOver()) {
      enter('measure', plan.durations.measureMs)
      state.fleet.phase({ phase: 'measure' }, 0)
      const acting = act(parts, state, scenario)
      await latch.wait(plan.durations.measureMs, isOver)
      acting.stop()
      await acting.ended
    }
    const drainMs = drainMsMaxOf(plan)
    enter('drain', drainMs)
    state.fleet.phase({ phase: 'drain' }, 0)
    await latch.wait(drainMs, () => aborts > 1 || state.fleet.isFinished())
    state.stop()
    await state.gather()
    for (const text of parts.notes) state.note('note', text)
    const environment = parts.describe({
      endedAt: new Date(),
      clockOf: state.fleet.clockOf,
      nowMs: parts.now(),
    })
    parts.bundle.environment(environment)
    // All is told: what the workers hold makes room for what is worked out now.
    if (state.fleet.isFinished()) await state.fleet.end()
    const concluded = await conclude(parts, state, {
      aborted: aborts > 0,
      serverDied,
      environment,
      summary: summarize(plan, state.seconds),
    })
    await (aborts > 1 ? state.fleet.kill() : state.fleet.end())
    return concluded
  }

  const ended = conduct()
    .then((concluded) => {
      result = concluded
      phase = 'ended'
      state.note('note', `verdict: ${concluded.verdict}`)
      parts.bundle.result(concluded)
      return concluded
    })
    .catch((error: unknown) => {
      state.stop()
      state.fleet.kill()
      throw error
    })
  // Whoever started the run hears of a failure; nobody else has to.
  ended.catch(() => undefined)

  return {
    subscribe: state.subscribe,
    view: () => ({ ...state.view(phase), ...(result === undefined ? {} : { result }) }),
    nextPhase: () => latch.cut(),
    abort() {
      aborts += 1
      state.note('note', aborts === 1 ? 'asked to end' : 'ended at once')
      latch.cut()
    },
    ended,
  }
}

type Wait = ReturnType<typeof createLatch>['wait']

/** No worker is left that holds connections; probes alone are no run. */
function allDead({ fleet }: RunState): boolean {
  return fleet.workers.every(({ state, share }) => state === 'dead' || share.probe === true)
}

/** Tries the path with a few, so that both sides have warm code, and a run that cannot work says so early. */
async function prime({ plan }: StartParts, state: RunState, wait: Wait): Promise<void> {
  const few = Math.min(primeConnections, plan.connections)
  state.planned = () => few
  state.fleet.phase({ phase: 'prime', connections: few }, leadMs)
  await wait(leadMs + plan.durations.primeMs, () => isSettled(state, few))
}

async function ramp({ plan, now }: StartParts, state: RunState, wait: Wait): Promise<void> {
  const { connections, arrivalsPerSecond } = plan
  const few = Math.min(primeConnections, connections)
  const beginMs = now() + leadMs
  state.planned = () =>
    Math.min(
      connections,
      few + Math.max(0, Math.floor(((now() - beginMs) / 1_000) * arrivalsPerSecond)),
    )
  state.fleet.phase({ phase: 'ramp', connections }, leadMs)
  await wait(leadMs + rampMsMaxOf(plan), () => isSettled(state, connections) || allDead(state))
  state.planned = () => connections
}

/** All that were due have become ready, or have failed. */
function isSettled({ fleet }: RunState, connections: number): boolean {
  let scheduled = 0
  let opening = 0
  for (const worker of fleet.workers) {
    if (worker.share.probe === true) continue
    const ledger = fleet.ledgerOf(worker)
    if (ledger === undefined) {
      if (worker.state !== 'dead') return false
      continue
    }
    const { waiting, socket, tcp, ws } = ledger.now
    scheduled += ledger.scheduled
    opening += waiting + socket + tcp + ws
    // The sessions of a dead worker will never come.
    if (worker.state === 'dead') scheduled += connections
  }
  return scheduled >= connections && opening === 0
}

function isServerAct(name: string): name is ServerAct {
  return name === 'kill' || name === 'drain' || name === 'roll'
}

/** Does what the scenario wants done in the middle of `measure`. */
function act(
  { plan, now, ownServer }: StartParts,
  state: RunState,
  { acts = [] }: Scenario,
): { stop(): void; readonly ended: Promise<void> } {
  const beginMs = now()
  let stopped = false
  const ended = (async () => {
    for (const { at, by, act: name } of acts.toSorted((a, b) => a.at - b.at)) {
      const dueMs = beginMs + at * plan.durations.measureMs
      while (!stopped && now() < dueMs) await new Promise((resolve) => setTimeout(resolve, 20))
      if (stopped) return
      state.note('note', `${by === 'server' ? 'the server' : 'workers'}: ${name}`)
      if (by === 'workers') state.fleet.send({ type: 'act', act: name })
      else if (ownServer !== undefined && isServerAct(name)) {
        await ownServer.restart(name)
        state.note('server', name === 'roll' ? 'all edges are new' : 'the server is back')
      }
    }
  })()
  return {
    stop() {
      stopped = true
    },
    ended,
  }
}
