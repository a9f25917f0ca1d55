import { ClientError, errorOfRefusal } from './client-error.ts'
import type { Clock } from './clock.ts'
import type { Call, CallResult, Session } from './session.ts'

interface Waiting {
  readonly command: Call
  readonly bodyText: string | undefined
  readonly resolve: (ok: unknown) => void
  readonly reject: (error: ClientError) => void
  readonly timer: unknown
}

export interface WaitingCallsParts {
  readonly clock: Clock
  /** Calls that may wait. */
  readonly outboxMax: number
  readonly timeoutMs: number
}

/** Commands with a reply, other than publishes: sent once, in the session there is or the next one. */
export class WaitingCalls {
  readonly #parts: WaitingCallsParts
  readonly #waiting = new Set<Waiting>()

  constructor(parts: WaitingCallsParts) {
    this.#parts = parts
  }

  call(
    command: Call,
    bodyText: string | undefined,
    session: Session | undefined,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (session !== undefined) {
        session.call(command, (result) => settle(result, resolve, reject), bodyText)
      } else if (this.#waiting.size >= this.#parts.outboxMax) {
        reject(new ClientError('OUTBOX_FULL', 'commands wait', true))
      } else this.#wait({ command, bodyText, resolve, reject })
    })
  }

  /** Sends what waited. */
  send(session: Session): void {
    for (const { command, bodyText, resolve, reject } of this.#take()) {
      session.call(command, (result) => settle(result, resolve, reject), bodyText)
    }
  }

  /** Stops the deadlines of what waits. */
  pause(): void {
    for (const one of this.#waiting) this.#parts.clock.clear(one.timer)
  }

  /** Gives what waits its whole time again. */
  resume(): void {
    for (const one of this.#take()) this.#wait(one)
  }

  rejectAll(error: ClientError): void {
    for (const one of this.#take()) one.reject(error)
  }

  #wait(call: Omit<Waiting, 'timer'>): void {
    const { clock, timeoutMs } = this.#parts
    const timer = clock.after(timeoutMs, () => {
      this.#waiting.delete(one)
      settle({ failed: 'TIMEOUT' }, call.resolve, call.reject)
    })
    const one: Waiting = { ...call, timer }
    this.#waiting.add(one)
  }

  #take(): Waiting[] {
    const taken = [...this.#waiting]
    this.#waiting.clear()
    for (const one of taken) this.#parts.clock.clear(one.timer)
    return taken
  }
}

function settle(
  result: CallResult,
  resolve: (ok: unknown) => void,
  reject: (error: ClientError) => void,
): void {
  if ('ok' in result) resolve(result.ok)
  else if ('refusal' in result) reject(errorOfRefusal(result.refusal))
  else if (result.failed === 'TIMEOUT') {
    reject(new ClientError('TIMEOUT', 'the server did not answer', true))
  } else {
    reject(new ClientError('DISCONNECTED', 'the connection was lost', true))
  }
}
