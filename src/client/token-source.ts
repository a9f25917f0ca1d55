import type { ConnectOptions, Token } from './client.ts'
import type { Clock } from './clock.ts'

/** Where tokens come from, and what is known of the one in use. */
export class TokenSource {
  readonly #source: ConnectOptions['token']
  readonly #clock: Clock
  #held: { token: Token; endsAt: number } | undefined
  #refused: { token: Token } | undefined

  constructor(source: ConnectOptions['token'], clock: Clock) {
    this.#source = source
    this.#clock = clock
  }

  /** False when asking again cannot give another token. */
  get canRenew(): boolean {
    return typeof this.#source === 'function'
  }

  /** Whether this token is the one in use. */
  isHeld(token: Token): boolean {
    return this.#held?.token === token
  }

  /** The token to connect with. `refused` says that it is the one that was refused already. */
  async take(): Promise<{ token: Token; refused: boolean }> {
    if (this.#held === undefined || this.#clock.monotonicMs() >= this.#held.endsAt) {
      this.#held = { token: await this.ask(), endsAt: Number.POSITIVE_INFINITY }
    }
    const { token } = this.#held
    return { token, refused: this.#refused !== undefined && this.#refused.token === token }
  }

  /** Asks for a token, whatever is held. */
  async ask(): Promise<Token> {
    return typeof this.#source === 'function' ? await this.#source() : this.#source
  }

  /** The server took this token, until `expiresAt`. */
  accept(token: Token, expiresAt = Number.POSITIVE_INFINITY): void {
    // A token that is over is refused in any case: this only saves the attempt.
    const leftMs = expiresAt - this.#clock.now()
    this.#held = { token, endsAt: this.#clock.monotonicMs() + leftMs }
    this.#refused = undefined
  }

  /** The server does not take the token in use any more. */
  refuse(): void {
    if (this.#held !== undefined) this.#refused = { token: this.#held.token }
    this.#held = undefined
  }
}
