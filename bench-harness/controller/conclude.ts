import type { LogHistory } from '../../src/testing/history-checker.ts'
import { findBottleneck } from '../bottleneck/find-bottleneck.ts'
import type { Environment, HistoryVerdict, Result } from '../bundle/bundle.ts'
import { judge } from '../bundle/judge.ts'
import type { Summary } from '../bundle/summarize.ts'
import { drainMsMaxOf } from '../plan/lengths.ts'
import { judgeHistory } from './history.ts'
import { readLogs } from './read-logs.ts'
import type { RunParts, RunState } from './run.ts'

/**
 * How long the logs are asked for of a server that gave none of its sessions a sign of life, in
 * milliseconds.
 */
const silentReadMs = 5_000

/** Works out the verdict of a run whose workers have told everything. */
export async function conclude(
  { plan, scenario, bundle, now }: RunParts,
  state: RunState,
  {
    aborted,
    serverDied,
    summary,
    environment,
  }: {
    readonly aborted: boolean
    readonly serverDied: boolean
    readonly summary: Summary
    readonly environment: Environment
  },
): Promise<Result> {
  const history = await historyOf(state, summary, plan.target.dialect === 'rusher', () =>
    serverDied
      ? Promise.resolve(new Map())
      : readLogs(
          plan.target.urls[0] ?? '',
          state.history.channels,
          now() + (summary.peak.held === 0 ? silentReadMs : drainMsMaxOf(plan)),
          now,
        ),
  )
  const judged = judge(plan, summary, history, scenario.headline)
  const limiter = findBottleneck({
    seconds: state.seconds,
    events: state.events,
    environment,
    missed: judged.verdict !== 'pass',
  })
  const result: Result = {
    v: 1,
    event: 'result',
    ...judged,
    run: plan.run,
    scenario: plan.scenario.name,
    target: plan.target.urls.join(' '),
    ...summary,
    history,
    ...(limiter === undefined ? {} : { limiter }),
    examples: state.examples,
    bundle: bundle.folder,
  }
  return serverDied
    ? { ...result, verdict: 'fail', exitCode: 13, reasons: ['the server died', ...judged.reasons] }
    : aborted
      ? {
          ...result,
          verdict: 'invalid',
          exitCode: 130,
          reasons: ['it was interrupted', ...judged.reasons],
        }
      : result
}

async function historyOf(
  state: RunState,
  summary: Summary,
  logged: boolean,
  read: () => Promise<ReadonlyMap<string, LogHistory>>,
): Promise<HistoryVerdict> {
  const whole = state.fleet.workers.every((worker) => worker.whole)
  const worthReading = logged && whole && state.history.attempts.length > 0
  let logs: ReadonlyMap<string, LogHistory> = new Map()
  try {
    if (worthReading) logs = await read()
  } catch (error) {
    state.note('fault', `the logs could not be read for the check: ${String(error)}`)
  }
  const { faults } = state
  return judgeHistory(state.history, summary.messages, { whole, logs, faults, logged })
}
