import { errorTable } from '../../../protocol/index.ts'
import type { Decision, Keep } from '../../apps/app.ts'
import { numberIn } from './increasing-values.ts'
import type { AnyApp } from './served-apps.ts'

/**
 * What an app decided, or a TypeError that says what is wrong with it: not every app is compiled against our types, and a decision
 * that is none must fail its command and nothing else.
 */
export function checkDecision(app: AnyApp, given: unknown): Decision {
  const fault = faultOf(app, given)
  if (fault !== undefined) throw new TypeError(`decide gave ${fault}`)
  // `faultOf` has looked at every field that a decision has.
  return given as Decision
}

function faultOf(app: AnyApp, given: unknown): string | undefined {
  if (typeof given !== 'object' || given === null || !('kind' in given)) return 'no decision'
  const { kind, body, keep, erase, code, message } = given as Partial<Record<string, unknown>>
  switch (kind) {
    case 'publish':
      if (!isKeep(keep)) return 'an unknown `keep`'
      if (!hasIncreasing(keep, body)) return 'an `increasing` that names no number of its body'
      if (erase !== undefined && !isOffset(erase)) return 'an `erase` that is no offset'
      // Its state was made of that event, and would come out another when the log is read again.
      if (erase !== undefined && app.initial !== undefined) return 'an `erase`, and has state'
      return isBody(body) ? undefined : 'a body that is no JSON'
    case 'reply':
      // Others encode a reply, so here is the only place where it can still be refused.
      return isBody(body) && JSON.stringify(body) !== undefined
        ? undefined
        : 'a body that is no JSON'
    case 'reject':
      if (typeof code !== 'string' || !Object.hasOwn(errorTable, code)) return 'an unknown `code`'
      return message === undefined || typeof message === 'string' ? undefined : 'a strange message'
    default:
      return 'a decision of an unknown kind'
  }
}

function isKeep(keep: unknown): keep is Keep {
  if (keep === 'log' || keep === 'never') return true
  return (
    typeof keep === 'object' && keep !== null && 'latest' in keep && typeof keep.latest === 'string'
  )
}

function hasIncreasing(keep: Keep, body: unknown): boolean {
  if (typeof keep !== 'object' || keep.increasing === undefined) return true
  return typeof keep.increasing === 'string' && numberIn(body, keep.increasing) !== undefined
}

function isOffset(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1
}

/** What JSON would leave out in silence. What it throws at is noticed when the body is encoded. */
function isBody(body: unknown): boolean {
  return body !== undefined && typeof body !== 'function' && typeof body !== 'symbol'
}
