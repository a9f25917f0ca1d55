import { expect } from 'vitest'
import { checkHistory } from '../../src/testing/index.ts'
import { readLogs } from './read-log.ts'
import type { Traffic } from './traffic.ts'
import { until } from './until.ts'

/** Longer than a machine takes on which other tests run. */
const patienceMs = 60_000

/** Waits for so many further acknowledgements. */
export async function acknowledge(traffic: Traffic, more: number): Promise<void> {
  const target = traffic.acknowledged + more
  await until(`${more} more acknowledgements`, () => traffic.acknowledged >= target, patienceMs)
}

/** Ends the traffic: all that was acknowledged is there once, and every client was given all of it in order. */
export async function expectNoFault(
  url: string,
  { traffic, channels }: { readonly traffic: Traffic; readonly channels: readonly string[] },
): Promise<void> {
  await traffic.settle()
  const { logs, heads } = await readLogs(url, channels)
  await traffic.caughtUp(heads)
  const { attempts } = traffic
  const subscriptions = traffic.subscriptions(heads)
  expect(checkHistory({ logs, attempts, subscriptions })).toEqual([])
  expect(attempts.filter(({ outcome }) => outcome.kind !== 'ok')).toEqual([])
}
