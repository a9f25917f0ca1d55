import type { Token } from './client.ts'

/** Where tokens come from, and what is known of the one in use. */
export class TokenSource {
  readonly #source: string | (() => Token | Promise<Token>) | undefined
  #held: { token: Token; endsAt: number } | undefined
  #refused: { token: Token } | undefined

  constructor(source: string | (() => Token | Promise<Token>) | undefined) {
    this.#source = source
  }

  /** False when asking again cannot give another token. */
  get canRenew(): boolean {
    return typeof this.#source === 'function'
  }

  /** The token to connect with. `refused` says that it is the one that was refused already. */
  async take(now: number): Promise<{ token: Token; refused: boolean }> {
    if (this.#held === undefined || now >= this.#held.endsAt) {
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
  accept(token: Token, expiresAt: number | undefined): void {
    this.#held = { token, endsAt: expiresAt ?? Number.POSITIVE_INFINITY }
    this.#refused = undefined
  }

  /** The server does not take the token in use any more. */
  refuse(): void {
    if (this.#held !== undefined) this.#refused = { token: this.#held.token }
    this.#held = undefined
  }
}
