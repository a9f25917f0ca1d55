import type { FromRunner, HostFacts, ToRunner } from '../control/messages.ts'

/** A machine on which workers can run. */
export interface Host {
  readonly name: string
  /** Starts its runner. Rejects with a `RusherError` `HOST_BOOTSTRAP` that says why it could not be. */
  open(start: RunnerStart): Promise<RunnerLine>
}

export interface RunnerStart {
  /** Letters, digits, `.`, `_` and `-`: it is among the words of every process of the run. */
  readonly run: string
  /** The runner ends by itself after that, whatever happens. */
  readonly lifetimeMs: number
}

/** What leads to a runner. Whoever lets go of it, in whichever way, ends the runner and its workers. */
export interface RunnerLine {
  readonly facts: HostFacts
  /** Says something; when the runner is gone, nothing happens: `closed` tells of that. A beat goes out by itself. */
  send(message: ToRunner): void
  /** There is one listener; what came before it was set is handed to it at once. */
  onMessage(listener: (message: FromRunner) => void): void
  /** How it ended, with the words that ssh or the runner wrote, unchanged. Never rejects. */
  readonly closed: Promise<string>
  /** Ends it at once. */
  kill(): void
}
