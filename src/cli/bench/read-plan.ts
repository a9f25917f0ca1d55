import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { planSchema } from '../../../bench-harness/bundle/bundle-schema.ts'
import { planOfToday } from '../../../bench-harness/bundle/older-versions.ts'
import type { Plan } from '../../../bench-harness/plan/plan.ts'
import { RusherError } from '../../protocol/index.ts'

/** Reads a plan that was kept with a run, or made by `rusher bench import`. Throws a `RusherError` (`USAGE`) that says what is wrong with it. */
export function readPlan(file: string): Plan {
  const result = v.safeParse(planSchema, planOfToday(parseJson(file)))
  if (result.success) return result.output as Plan
  const [issue] = result.issues
  throw new RusherError(
    'USAGE',
    `${file} is no plan: ${v.getDotPath(issue) ?? ''} ${issue.message}`,
  )
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new RusherError('USAGE', `the plan ${file} cannot be read: ${why}`, { cause })
  }
}
