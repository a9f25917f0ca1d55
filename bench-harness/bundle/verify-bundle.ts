import type { RunBundle } from './bundle.ts'
import { type Summary, summarize } from './summarize.ts'

/** A figure of a result that its seconds do not bear out. */
export interface Discrepancy {
  /** Where it stands in the result: `latency.echo.p99`. */
  readonly figure: string
  readonly stated: unknown
  readonly recomputed: unknown
}

/** Figures by which a sum of rounded values may be off. */
const tolerance = 1e-9

/** Works the summary out again from the seconds, and names every figure that differs from the one in the result. */
export function verifyBundle({ plan, seconds, result }: RunBundle): readonly Discrepancy[] {
  const summary = summarize(plan, seconds)
  const keys: readonly (keyof Summary)[] = [
    'ledger',
    'peak',
    'tsung',
    'latency',
    'messages',
    'rates',
    'health',
    'server',
    'memory',
  ]
  return keys.flatMap((key) => differences(key, result[key], summary[key]))
}

function differences(figure: string, stated: unknown, recomputed: unknown): Discrepancy[] {
  if (isObject(stated) && isObject(recomputed)) {
    const keys = [...new Set([...Object.keys(stated), ...Object.keys(recomputed)])]
    return keys.flatMap((key) => differences(`${figure}.${key}`, stated[key], recomputed[key]))
  }
  if (stated === recomputed || areClose(stated, recomputed)) return []
  return [{ figure, stated, recomputed }]
}

function areClose(a: unknown, b: unknown): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return false
  return Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
