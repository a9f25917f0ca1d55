import type { HostFacts } from '../control/messages.ts'
import type { HostEntry } from '../hosts/host-entry.ts'
import type { ClientHost } from './capacity.ts'
import { workersFor } from './plan-ports.ts'

/** A host that was reached: what stands of it in hosts.txt, and what it told. */
export interface ReachedHost {
  readonly entry: Pick<HostEntry, 'name' | 'workers' | 'max' | 'ssh'>
  readonly facts: HostFacts
  /** Its `src=` as addresses. */
  readonly sources: readonly string[]
}

/**
 * Hosts as the doctor takes them. Where hosts.txt says nothing of workers, a host gets as many as its even part of the connections needs, or
 * one a core but one when nobody said how many connections there are to be.
 */
export function clientHostsOf(
  hosts: readonly ReachedHost[],
  { connections, serverIsHere }: { readonly connections?: number; readonly serverIsHere: boolean },
): ClientHost[] {
  return hosts.map(({ entry, facts, sources }) => ({
    name: entry.name,
    facts,
    sources,
    workers:
      entry.workers ??
      (connections === undefined
        ? Math.max(1, facts.cores - 1)
        : workersFor(Math.ceil(connections / hosts.length), facts)),
    ...(entry.max === undefined ? {} : { connectionsMax: entry.max }),
    ...(serverIsHere && entry.ssh === undefined ? { withServer: true } : {}),
  }))
}
