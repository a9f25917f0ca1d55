import type { HostEntry } from '../hosts/host-entry.ts'

/** Machines that are connected to at the same time. */
const parallelMax = 16

/** Does something with every host, with a few at the same time. */
export async function forEachHost(
  entries: readonly HostEntry[],
  act: (entry: HostEntry) => Promise<void>,
): Promise<void> {
  const waiting = [...entries]
  const actInTurn = async (): Promise<void> => {
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) await act(entry)
  }
  await Promise.all(Array.from({ length: Math.min(parallelMax, entries.length) }, actInTurn))
}
