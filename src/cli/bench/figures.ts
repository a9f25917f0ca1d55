import type { Cause, Ledger } from '../../../bench-harness/ledger/ledger.ts'

export { bytesText, countText, msText, shareText } from '../../../bench-harness/report/figures.ts'

/** Whole seconds as on a clock: `00:35`, `1:02:03`. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const two = (number: number) => String(number).padStart(2, '0')
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return seconds < 3_600 ? rest : `${Math.floor(seconds / 3_600)}:${rest}`
}

/** How many have at least come to TCP, to WebSocket, and to ready, and are there now. */
export function openNow({ now }: Ledger): { tcp: number; ws: number; ready: number } {
  const ready = now.ready
  const ws = ready + now.ws + now.closing
  return { tcp: ws + now.tcp, ws, ready }
}

/** The causes of failure, the most frequent first. */
export function causesOf({
  failed,
}: Pick<Ledger, 'failed'>): readonly (readonly [Cause, number])[] {
  const counted = Object.entries(failed) as [Cause, number][]
  return counted.filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1])
}
