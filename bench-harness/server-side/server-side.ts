import type { ServerSecond } from '../bundle/bundle.ts'

/**
 * What can be seen of a server beside the connections to it. It never fails a run: what cannot be had is absent, and why is told once to
 * the `note` that a keeper is made with.
 */
export interface ServerSide {
  /**
   * How the server is now; asked once a second, and not again before it has answered. One that gets no answer resolves with what it has, if
   * only `{}`, but may take seconds for it: `combineServerSides` keeps the run from waiting.
   */
  sample(): Promise<ServerSecond>
  /** What does not change: its processes, limits, and where it runs. For the bundle's environment. */
  facts(): Promise<Readonly<Record<string, string | number>>>
  /** Lets go of everything it holds; calling it again does nothing. */
  close(): Promise<void>
}

/** Told once each time a keeper cannot see something, in a sentence. */
export type Note = (text: string) => void
