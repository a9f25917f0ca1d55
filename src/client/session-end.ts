import { adviceOfClose, closeCodes, type Return } from '../protocol/close-codes.ts'
import type { Fault } from './connection.ts'
import type { SessionEnd } from './session.ts'

/** A refused `connect` says as much as the close after it, which a proxy can swallow. */
export function asksOf({ code, refusal }: SessionEnd): Return {
  if (refusal === undefined || (code >= 4000 && code < 5000)) return adviceOfClose(code)
  if (refusal.code === 'TOKEN_REFUSED') return 'new token'
  return refusal.retry ? 'return' : 'stay away'
}

/** Why the session ended, with a code to look up. */
export function faultOf({ code, reason, refusal }: SessionEnd): Fault {
  if (refusal !== undefined) return { code: refusal.code, message: refusal.message }
  for (const [name, row] of Object.entries(closeCodes)) {
    if (row.code === code) return { code: name, message: reason || 'the server closed the session' }
  }
  return { code: String(code), message: reason || 'the connection was lost' }
}
