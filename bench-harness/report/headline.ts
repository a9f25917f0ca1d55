import type { RunBundle } from '../bundle/bundle.ts'
import type { LatencyKind } from '../control/messages.ts'
import { scenarios } from '../scenario/scenarios.ts'

/** Kinds by how much they say of what a user waits for, for scenarios that are not ours. */
const byWeight: readonly LatencyKind[] = [
  'delivery',
  'echo',
  'completion',
  'convergence',
  'ack',
  'reconnect',
  'ready',
  'upgrade',
  'tcp',
]

/** What each kind of latency is, in words. */
export const kindTexts: Readonly<Record<LatencyKind, string>> = {
  tcp: 'TCP connect',
  upgrade: 'WebSocket upgrade',
  ready: 'until ready',
  echo: 'echo round trip',
  ack: 'acknowledgement',
  delivery: 'delivery',
  completion: 'delivery to the last',
  convergence: 'until all copies agree',
  reconnect: 'until ready again',
  lag: 'sent late by',
  service: 'service time',
  probe: 'probe round trip',
}

/** The kind of latency that a run is about: its scenario's headline if it was measured, else the weightiest that was. */
export function headlineOf({ plan, result }: RunBundle): LatencyKind {
  const own = scenarios.find(({ name }) => name === plan.scenario.name)?.headline
  const measured = (kind: LatencyKind | undefined) =>
    kind !== undefined && (result.latency[kind]?.n ?? 0) > 0
  if (own !== undefined && measured(own)) return own
  return byWeight.find(measured) ?? own ?? 'ready'
}
