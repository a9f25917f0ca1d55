import { parseUser } from '../../protocol/index.ts'
import type { Auth, Credentials, Identified, Identity } from './auth.ts'
import { isReservedUser } from './reserved-users.ts'
import { type TokenFault, tokenFaultOf, tokenFaults } from './token-faults.ts'

/** Why somebody was refused, as the client is told. */
export interface Refused {
  readonly refused: TokenFault
  readonly message: string
}

/** An auth whose answers can be relied on. */
export interface CheckedAuth {
  /**
   * Who somebody is, or why it is not said. Throws, or rejects, when it could not be found out.
   * With `as`, only this user is taken: a session keeps its user when it renews.
   */
  identify(credentials: Credentials, as?: string): Identity | Refused | Promise<Identity | Refused>
}

/** Told of each refusal; `reason` may be an auth's own words. */
export type ReportRefusal = (reason: string, detail: string | undefined) => void

/**
 * Holds what any auth answers against what the rest relies on: a user with an id that is a text, and
 * that Rusher does not act under itself. An answer that is no user is a bug of the auth: it throws.
 */
export function createCheckedAuth(auth: Auth, report: ReportRefusal): CheckedAuth {
  function refuse(reason: string, detail?: string): Refused {
    report(reason, detail)
    const refused = tokenFaultOf(reason)
    const why = refused === 'other' ? '' : `: ${tokenFaults[refused]}`
    return { refused, message: `the token was refused${why}` }
  }

  function check(found: Identified, { token }: Credentials, as?: string): Identity | Refused {
    if (found === undefined) return refuse(token === undefined ? 'missing' : 'other')
    if ('refused' in found) return refuse(found.refused, found.detail)
    const identity = withUser(found)
    const { id } = identity.user
    if (isReservedUser(id)) return refuse('reserved', id)
    return as === undefined || as === id ? identity : refuse('other_user')
  }

  return {
    identify(credentials, as) {
      const found = auth.identify(credentials)
      if (!(found instanceof Promise)) return check(found, credentials, as)
      return found.then((later) => check(later, credentials, as))
    },
  }
}

/** The identity with a user that was looked at; ids of many databases are numbers. */
function withUser(identity: Identity): Identity {
  const { id, name } = identity.user as { readonly id: unknown; readonly name?: unknown }
  if (typeof id === 'string' && parseUser(identity.user) !== undefined) return identity
  const text = Number.isSafeInteger(id) ? String(id) : id
  const user = parseUser({ id: text, ...(name === undefined || name === null ? {} : { name }) })
  if (user === undefined) {
    throw new Error('the configured auth returned a user without a valid id and name')
  }
  return { ...identity, user }
}
