/** A set of listeners that cannot harm one another, nor who calls them. */
export class Listeners<Args extends readonly unknown[] = []> {
  readonly #listeners = new Set<(...args: Args) => void>()

  /** Adds a listener; the answer removes it. */
  add(listener: (...args: Args) => void): () => void {
    // Wrapped, so that a function added twice is called twice and removed one at a time.
    const own = (...args: Args) => listener(...args)
    this.#listeners.add(own)
    return () => {
      this.#listeners.delete(own)
    }
  }

  emit(...args: Args): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(...args)
      } catch (error) {
        reportFailure(error)
      }
    }
  }
}

/** Shows a listener's failure where the platform shows uncaught errors. */
function reportFailure(error: unknown): void {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error)
  else {
    setTimeout(() => {
      throw error
    })
  }
}
