import { parseUser } from '../../protocol/index.ts'
import type { Auth, ClientRequest, Credentials, Identified, Identity } from './auth.ts'
import { isReservedUser } from './reserved-users.ts'
import { type TokenFault, tokenFaultOf, tokenFaults } from './token-faults.ts'

/** A refusal, with the message for the client. */
export interface Refused {
  readonly refused: TokenFault
  readonly message: string
}

/** An auth with validated results. */
export interface CheckedAuth {
  /**
   * Returns an identity or a refusal. Throws or rejects when authentication is unavailable. With
   * `as`, only this user is accepted: a session keeps its user when it renews its token.
   */
  identify(
    credentials: Credentials,
    request?: ClientRequest,
    as?: string,
  ): Identity | Refused | Promise<Identity | Refused>
}

/** Called with each refusal; `reason` may be a custom text of an auth. */
export type ReportRefusal = (reason: string, detail: string | undefined) => void

/**
 * Validates the results of an auth: a user must have a string id that is not reserved. A result
 * that is not a user is a bug in the auth and throws.
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
    identify(credentials, request, as) {
      const found = auth.identify(credentials, request)
      if (!(found instanceof Promise)) return check(found, credentials, as)
      return found.then((later) => check(later, credentials, as))
    },
  }
}

/** The identity with a validated user. Integer ids, as many databases use, become strings. */
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
