/** A refused request, with the status, code and message of its answer. */
export class RequestRefused extends Error {
  readonly status: number
  readonly code: string
  /** When to retry, in whole seconds; undefined if the same request would be refused again. */
  readonly retryAfterS: number | undefined

  constructor(status: number, code: string, message: string, retryAfterS?: number) {
    super(message)
    this.name = 'RequestRefused'
    this.status = status
    this.code = code
    this.retryAfterS = retryAfterS
  }
}

/** The client disconnected before its request was complete. */
export class RequestGone extends Error {}
