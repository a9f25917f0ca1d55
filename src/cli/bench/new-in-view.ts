import type { RunEvent } from '../../../bench-harness/bundle/bundle.ts'

/** The events that came after one that was seen. The list may have lost its oldest. */
export function eventsAfter(
  seen: RunEvent | undefined,
  events: readonly RunEvent[],
): readonly RunEvent[] {
  if (seen === undefined) return events
  const at = events.findLastIndex(
    ({ ms, kind, text }) => ms === seen.ms && kind === seen.kind && text === seen.text,
  )
  return at === -1 ? events.filter(({ ms }) => ms > seen.ms) : events.slice(at + 1)
}
