import type { Plan } from '../plan/plan.ts'
import { isThisMachine } from '../plan/target-address.ts'
import type { Second, SessionMemory } from './bundle.ts'

/**
 * What the sessions took, from the last second in which most were ready and the server was weighed; against the first second, when it was empty.
 * Absent where it was not weighed, or nobody was ready.
 */
export function sessionMemoryOf(
  { target }: Plan,
  seconds: readonly Second[],
): SessionMemory | undefined {
  const weighed = seconds.flatMap((second) => {
    const { pssBytes, kernelBytes } = second.server ?? {}
    return pssBytes === undefined || kernelBytes === undefined
      ? []
      : [{ ...second, pssBytes, kernelBytes }]
  })
  const [first] = weighed
  const full = weighed.reduce<(typeof weighed)[number] | undefined>(
    (best, next) =>
      best === undefined || next.ledger.now.ready >= best.ledger.now.ready ? next : best,
    undefined,
  )
  const ready = full?.ledger.now.ready ?? 0
  if (first === undefined || full === undefined || ready <= first.ledger.now.ready) return undefined
  const kernelShare = isThisMachine(target) ? 0.5 : 1
  const kernelBytes = full.kernelBytes - first.kernelBytes
  const workers = full.hosts.map(({ pssBytes }) => pssBytes)
  const ofServer = full.pssBytes + kernelBytes * kernelShare
  return {
    ready,
    serverBytes: full.pssBytes,
    emptyServerBytes: first.pssBytes,
    kernelBytes,
    kernelShare,
    ...(workers.includes(undefined)
      ? {}
      : { workersBytes: workers.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0) }),
    bytesPerSession: Math.round(ofServer / ready),
    moreBytesPerSession: Math.round((ofServer - first.pssBytes) / ready),
  }
}
