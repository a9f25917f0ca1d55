import type { RenewReply } from '../protocol/message.ts'
import { backoffMs } from './backoff.ts'
import type { Clock } from './clock.ts'
import type { Session } from './session.ts'
import type { TokenSource } from './token-source.ts'

/** A function that gives the token in use again is not asked more often than this. */
export const sameTokenMs = 1_000

export interface TokenRenewalParts {
  readonly clock: Clock
  readonly random: () => number
  readonly tokens: TokenSource
  /** Whether the session is still of use. */
  readonly isCurrent: (session: Session) => boolean
}

/** Replaces the token of a session before it expires. The server closes a session that expires. */
export class TokenRenewal {
  readonly #parts: TokenRenewalParts
  /** Sessions that need a new token, with the timer of the next attempt. */
  readonly #renewing = new Map<Session, unknown>()

  constructor(parts: TokenRenewalParts) {
    this.#parts = parts
  }

  /** Requests another token and sends it to the server; retries until the current one expires. */
  renew(session: Session, endsInMs: number): void {
    if (!this.#parts.tokens.canRenew || this.#renewing.has(session)) return
    this.#renewing.set(session, undefined)
    this.#try(session, this.#parts.clock.monotonicMs() + endsInMs, 0)
  }

  /** Stops all attempts: there is no session any more. */
  stop(): void {
    for (const timer of this.#renewing.values()) this.#parts.clock.clear(timer)
    this.#renewing.clear()
  }

  #try(session: Session, endsAt: number, failures: number): void {
    const { clock, random, tokens, isCurrent } = this.#parts
    const again = (delayMs: number) => {
      this.#renewing.delete(session)
      const next = () => this.#try(session, endsAt, failures + 1)
      if (isCurrent(session) && clock.monotonicMs() + delayMs < endsAt)
        this.#renewing.set(session, clock.after(delayMs, next))
    }
    if (!isCurrent(session)) return again(0)
    const failed = () => again(backoffMs(failures, random))
    tokens.ask().then((token) => {
      if (token === undefined) failed()
      else if (tokens.isHeld(token)) {
        // A cache has not let go of it yet, and handed in again it would end as soon.
        again(Math.max(sameTokenMs, (endsAt - clock.monotonicMs()) / 2))
      } else {
        session.call({ type: 'renew', token }, (result) => {
          if (!('ok' in result)) return failed()
          this.#renewing.delete(session)
          tokens.accept(token, (result.ok as RenewReply).expiresAt)
        })
      }
    }, failed)
  }
}
