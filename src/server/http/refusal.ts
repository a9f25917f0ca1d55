/** Why a request is refused, as its answer says it. */
export class RequestRefused extends Error {
  readonly status: number
  readonly code: string
  /** When to come again, in whole seconds; absent where the same request would be refused again. */
  readonly retryAfterS: number | undefined

  constructor(status: number, code: string, message: string, retryAfterS?: number) {
    super(message)
    this.name = 'RequestRefused'
    this.status = status
    this.code = code
    this.retryAfterS = retryAfterS
  }
}

/** The client went away before its request was complete: there is nobody to answer. */
export class RequestGone extends Error {}
