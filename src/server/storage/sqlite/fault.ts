import { RusherError } from '../../../protocol/index.ts'

/** An error on its way between threads. */
export interface Fault {
  readonly code: string
  readonly message: string
  /** The thread takes nothing more; the file must be opened anew. */
  readonly final: boolean
}

/** A fault as an exception, between the thread that met it and the keeper that tells it. */
export class FaultError extends Error {
  readonly fault: Fault

  constructor(fault: Fault) {
    super(fault.message)
    this.name = 'FaultError'
    this.fault = fault
  }
}

/** What the caller of the storage gets for a fault. */
export function errorOf({ code, message }: Fault): RusherError {
  return new RusherError(code, message)
}
