import type { RunEvent, Second, ServerSecond } from '../bundle/bundle.ts'
import type { BundleWriter } from '../bundle/write-bundle.ts'
import type { FailureExample, LatencyKind } from '../control/messages.ts'
import { emptyEncoded, mergeEncoded } from '../histogram/histogram.ts'
import type { PhaseName, Plan } from '../plan/plan.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { ServerSide } from '../server-side/server-side.ts'
import type { RunView } from '../view/run-view.ts'
import type { Fleet, OpenHost } from './fleet.ts'
import { createFleet } from './fleet.ts'
import { gatherSecond } from './gather.ts'
import { createRunHistory, type RunHistory } from './history.ts'
import { hostViews } from './host-views.ts'
import { lightOf } from './light.ts'

export interface RunParts {
  readonly plan: Plan
  readonly scenario: Scenario
  readonly hosts: readonly OpenHost[]
  readonly serverSide: ServerSide
  readonly bundle: BundleWriter
  readonly now: () => number
}

/** What is known of a run while it goes on. One second after the other is gathered here; nothing is decided. */
export interface RunState {
  readonly fleet: Fleet
  readonly seconds: readonly Second[]
  readonly events: readonly RunEvent[]
  readonly examples: readonly FailureExample[]
  readonly history: RunHistory
  /** What scenarios found wrong by themselves. */
  readonly faults: readonly string[]
  phase: PhaseName
  /** What the plan wants at this moment; told by whoever conducts. */
  planned: () => number
  phaseEndMs: number | undefined
  note(kind: RunEvent['kind'], text: string): void
  begin(): void
  /** Gathers what came since the last second, also in between. */
  gather(): Promise<void>
  subscribe(listener: () => void): () => void
  view(phase: RunView['phase']): RunView
  stop(): void
}

/** Raw examples of each cause that a run keeps. */
const examplesMax = 5
/** Seconds that a view holds. */
const shownSeconds = 600

export function createRunState(parts: RunParts): RunState {
  const { plan, scenario, hosts, serverSide, bundle, now } = parts
  const seconds: Second[] = []
  const events: RunEvent[] = []
  const examples: FailureExample[] = []
  const faults: string[] = []
  const history = createRunHistory()
  const listeners = new Set<() => void>()
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  let startMs = now()
  let server: ServerSecond | undefined
  let timer: NodeJS.Timeout | undefined

  const fleet = createFleet(hosts, now, {
    example(example) {
      if (examples.filter(({ cause }) => cause === example.cause).length < examplesMax)
        examples.push(example)
    },
    history: (host, part) => history.add(part, fleet.clockOf(host)),
    fault: (text) => state.note('fault', text),
    broken(text) {
      faults.push(text)
      state.note('fault', text)
    },
    changed: tell,
  })

  let gathering: Promise<void> | undefined
  const gather = (): Promise<void> => {
    // A server's side that is slow to answer makes one longer second, and never two at once.
    gathering ??= gatherOnce().finally(() => {
      gathering = undefined
    })
    return gathering
  }

  async function gatherOnce(): Promise<void> {
    server = await serverSide.sample()
    const nowMs = now()
    const second = gatherSecond(fleet, {
      // The last one may be short; still each has a number of its own.
      t: Math.max(Math.round((nowMs - startMs) / 1_000), (seconds.at(-1)?.t ?? -1) + 1),
      phase: state.phase,
      planned: state.planned(),
      nowMs,
      bounds: plan.health,
      server,
    })
    seconds.push(second)
    bundle.second(second)
    tell()
  }

  const state: RunState = {
    fleet,
    seconds,
    events,
    examples,
    history,
    faults,
    phase: 'prime',
    planned: () => 0,
    phaseEndMs: undefined,
    note(kind, text) {
      const event = { ms: Math.round(now() - startMs), kind, text }
      events.push(event)
      bundle.event(event)
      tell()
    },
    begin() {
      startMs = now()
      let no = 0
      timer = setInterval(() => {
        no += 1
        if (no % 10 === 0) fleet.askClocks()
        fleet.send({ type: 'beat' })
        void gather()
      }, 1_000)
    },
    gather,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    view(phase) {
      const kind = scenario.headline
      const { light, lightText } = lightOf(plan, seconds, kind)
      const second = seconds.at(-1)
      return {
        plan,
        phase,
        elapsedMs: now() - startMs,
        ...(state.phaseEndMs === undefined
          ? {}
          : { phaseLeftMs: Math.max(0, state.phaseEndMs - now()) }),
        light,
        lightText,
        ...(second === undefined ? {} : { second }),
        seconds: seconds.slice(-shownSeconds),
        headline: headlineOf(kind, seconds, state.phase),
        examples,
        events,
        hosts: hostViews(fleet, second),
      }
    },
    stop: () => clearInterval(timer),
  }
  return state
}

function headlineOf(
  kind: LatencyKind,
  seconds: readonly Second[],
  phase: PhaseName,
): RunView['headline'] {
  const own = seconds.filter((second) => second.phase === phase)
  return {
    kind,
    second: seconds.at(-1)?.histograms[kind] ?? emptyEncoded,
    phase: mergeEncoded(own.flatMap(({ histograms }) => histograms[kind] ?? [])),
  }
}
