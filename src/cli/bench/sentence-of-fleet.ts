import type { OpenHost } from '../../../bench-harness/controller/fleet.ts'
import { clientHostsOf } from '../../../bench-harness/doctor/client-hosts.ts'
import { examine } from '../../../bench-harness/doctor/doctor.ts'
import type { OpenedHost } from '../../../bench-harness/host/open-hosts.ts'
import type { Plan } from '../../../bench-harness/plan/plan.ts'

/** The arithmetic before a run, in a sentence: what these hosts can hold, and what limits it. */
export function sentenceOfFleet(
  opened: readonly OpenedHost[],
  hosts: readonly OpenHost[],
  { connections, target }: Plan,
): string {
  const reached = opened.map(({ entry, line, sources }) => ({ entry, facts: line.facts, sources }))
  const asked = clientHostsOf(reached, { connections, serverIsHere: target.own }).map(
    (host, index) => ({
      ...host,
      workers: hosts[index]?.shares.filter(({ probe }) => probe !== true).length ?? host.workers,
    }),
  )
  return examine({ hosts: asked, urls: target.urls, connections }).sentence
}
