import type { Cause, Ledger } from '../../../bench-harness/ledger/ledger.ts'

/** A whole number with thousands separators: `42,310`. */
export function countText(count: number): string {
  return Math.round(count).toLocaleString('en-US')
}

/** A time with its unit, to three digits at most: `0.42 ms`, `8.1 ms`, `917 ms`, `12.4 s`. */
export function msText(ms: number): string {
  if (ms >= 999.5) return `${(ms / 1_000).toFixed(ms < 99_950 ? 1 : 0)} s`
  if (ms >= 99.95) return `${ms.toFixed(0)} ms`
  return `${ms.toFixed(ms < 0.995 ? 2 : 1)} ms`
}

/** A share of one as percent: `84.6 %`. */
export function shareText(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)} %`
}

/** `812 B`, `9.2 KiB`, `341 MiB`, `1.5 GiB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const sign = bytes < 0 ? '-' : ''
  let size = Math.abs(bytes)
  let unit = 0
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1_024
    unit += 1
  }
  return `${sign}${size.toFixed(unit === 0 || size >= 99.95 ? 0 : 1)} ${units[unit]}`
}

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
