import type { Counters } from '../control/messages.ts'
import type { Plan } from '../plan/plan.ts'
import type { HistoryVerdict, Result, Second } from './bundle.ts'
import { summarize } from './summarize.ts'

/** What can be said of a run that has no result, since its controller ended before it: figures, and no verdict on the server. */
export function resultOfCutRun(plan: Plan, seconds: readonly Second[]): Result {
  const summary = summarize(plan, seconds)
  return {
    v: 1,
    event: 'result',
    verdict: 'invalid',
    exitCode: 130,
    reasons: [
      `the run was cut short after ${seconds.length} seconds: it has no result, and these are the figures so far`,
    ],
    run: plan.run,
    scenario: plan.scenario.name,
    target: plan.target.urls.join(' '),
    ...summary,
    history: historyOfCounters(summary.messages),
    slo: [],
    examples: [],
  }
}

/** What the subscribers counted as messages came in, where nobody looked at the log. */
function historyOfCounters(messages: Counters): HistoryVerdict {
  const { sent, delivered, missing, unanswered, undelivered, duplicated, disordered } = messages
  return {
    checked: sent === 0 ? 'nothing published' : 'counters',
    publishes: sent,
    deliveries: delivered,
    lost: missing + undelivered,
    unanswered,
    duplicated,
    gaps: 0,
    disordered,
    faults: [],
  }
}
