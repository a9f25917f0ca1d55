import type { ClientRequest, Credentials, Identity, Permit } from '../../auth/auth.ts'
import type { CheckedAuth } from '../../auth/check-identity.ts'
import type { Log } from '../../log/log.ts'
import type { Clock } from '../../runtime/clock.ts'
import { edgeTimes } from '../connection/edge-times.ts'
import { createPermissionCache, type PermissionCache } from '../connection/permission-cache.ts'
import { withTimeout } from '../connection/with-timeout.ts'
import type { DocumentCloseReason } from './close-reasons.ts'

/** What somebody may do in a document, or why nothing. `unknown`: it could not be found out now. */
export type Admitted =
  | { readonly kind: 'admitted'; readonly identity: Identity; readonly mayWrite: boolean }
  | {
      readonly kind: 'refused'
      readonly why: Extract<DocumentCloseReason, 'TOKEN_REFUSED' | 'DENIED'>
      /** What is wrong with the token, for its sender. */
      readonly message?: string
    }
  | { readonly kind: 'unknown' }

/** The result of authentication. `unknown`: authentication is unavailable, try again. */
export type Identified =
  | { readonly kind: 'known'; readonly identity: Identity }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'unknown' }

export interface DocumentAuthorizer {
  /** Authenticates without regard to a document. */
  identify(credentials: Credentials, request?: ClientRequest): Promise<Identified>
  /** Finds out who it is, and what it may do. */
  admit(credentials: Credentials, document: string, request?: ClientRequest): Promise<Admitted>
  /** Authorizes an authenticated user for a document; the answer may be cached. */
  look(identity: Identity, document: string): Promise<Admitted>
  /** Authorizes again, bypassing the cache. */
  lookNow(identity: Identity, document: string): Promise<Admitted>
  /** Drops cached answers and the results of lookups in progress. */
  forget(): void
}

interface AdmissionOptions {
  readonly auth: CheckedAuth
  readonly permit: Permit | undefined
  readonly clock: Clock
  readonly log: Log
}

export function createDocumentAuthorizer({
  auth,
  permit,
  clock,
  log,
}: AdmissionOptions): DocumentAuthorizer {
  const permission = createPermissionCache(permit, clock, log)

  async function lookBy(
    ask: PermissionCache['ask'],
    identity: Identity,
    document: string,
  ): Promise<Admitted> {
    const { generation } = permission
    const channel = `doc:${document}`
    const read = await ask(identity, channel, 'read')
    const write = read === undefined ? await ask(identity, channel, 'write') : undefined
    if (permission.generation !== generation) return lookBy(ask, identity, document)
    if (read !== undefined) {
      return read.code === 'DENIED' ? { kind: 'refused', why: 'DENIED' } : { kind: 'unknown' }
    }
    if (write !== undefined && write.code !== 'DENIED') return { kind: 'unknown' }
    return { kind: 'admitted', identity, mayWrite: write === undefined }
  }

  const look: DocumentAuthorizer['look'] = (identity, document) =>
    lookBy(permission.ask, identity, document)

  function failed(error: unknown, document?: string): { readonly kind: 'unknown' } {
    log.error({ err: error, document }, 'authentication is unavailable; the client will retry')
    return { kind: 'unknown' }
  }

  return {
    look,
    lookNow: (identity, document) => lookBy(permission.askNow, identity, document),
    async identify(credentials, request) {
      try {
        const identity = await withTimeout(edgeTimes.authMs, auth.identify(credentials, request))
        if ('refused' in identity) return { kind: 'refused', message: identity.message }
        return { kind: 'known', identity }
      } catch (error) {
        return failed(error)
      }
    },
    async admit(credentials, document, request) {
      try {
        const identity = await withTimeout(edgeTimes.authMs, auth.identify(credentials, request))
        if ('refused' in identity) {
          return { kind: 'refused', why: 'TOKEN_REFUSED', message: identity.message }
        }
        return await look(identity, document)
      } catch (error) {
        return failed(error, document)
      }
    },
    forget: permission.forget,
  }
}
