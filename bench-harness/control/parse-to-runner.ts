import { phaseNames } from '../plan/plan.ts'
import type { Share, ToRunner } from './messages.ts'

/**
 * What a controller says, read by a runner that came from the same controller: the message, or what it was instead. The plan in it is taken as it is.
 */
export function parseToRunner(line: string): ToRunner | { readonly refused: string } {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    if (error instanceof SyntaxError) return { refused: `no JSON: ${line.slice(0, 80)}` }
    throw error
  }
  return isToRunner(value) ? value : { refused: `no message: ${line.slice(0, 80)}` }
}

function isToRunner(value: unknown): value is ToRunner {
  if (typeof value !== 'object' || value === null) return false
  const fields = value as Record<string, unknown>
  switch (fields['type']) {
    case 'beat':
    case 'end':
      return true
    case 'clock':
      return typeof fields['no'] === 'number'
    case 'act':
      return typeof fields['act'] === 'string'
    case 'phase': {
      const { phase, at, connections } = fields
      return (
        phaseNames.some((name) => name === phase) &&
        Number.isFinite(at) &&
        (connections === undefined || Number.isFinite(connections))
      )
    }
    case 'prepare': {
      const { plan, workers } = fields
      return typeof plan === 'object' && plan !== null && isShares(workers)
    }
    default:
      return false
  }
}

function isShares(value: unknown): value is readonly Share[] {
  return (
    Array.isArray(value) &&
    value.every((share: Record<string, unknown> | null) => Number.isInteger(share?.['worker']))
  )
}
