import type { Storage } from '../../storage/storage.ts'
import { coreLimits } from './channel-limits.ts'

/** The values kept under names in one channel, as far as somebody has asked for them. */
export class LatestValues {
  /** In order of change. */
  #values: Map<string, string> | undefined
  /** What was kept while the values were being read: it is newer than what the read may have seen. */
  #early: Map<string, string> | undefined
  #reading = 0

  /** Reads them from storage, once; resolves when `text` can be asked. */
  async load(storage: Storage, channel: string): Promise<void> {
    if (this.#values !== undefined) return
    this.#reading += 1
    try {
      const stored = await storage.readLatest(channel, coreLimits.latestMax)
      if (this.#values !== undefined) return
      const values = new Map(stored.toReversed().map(({ name, payload }) => [name, payload]))
      for (const [name, payload] of this.#early ?? []) keep(values, name, payload)
      this.#values = values
    } finally {
      this.#reading -= 1
      if (this.#reading === 0) this.#early = undefined
    }
  }

  /** A value was kept under a name. */
  kept(name: string, payload: string): void {
    if (this.#values !== undefined) return keep(this.#values, name, payload)
    if (this.#reading === 0) return
    this.#early ??= new Map()
    this.#early.set(name, payload)
  }

  /** JSON text of the values, the newest first; undefined where they were not loaded. */
  get text(): string | undefined {
    return this.#values && `[${[...this.#values.values()].reverse().join(',')}]`
  }
}

/** Puts a value anew, so that the order of the map is the order of change, and lets the oldest go above the bound. */
function keep(values: Map<string, string>, name: string, payload: string): void {
  values.delete(name)
  values.set(name, payload)
  const [oldest] = values.keys()
  if (values.size > coreLimits.latestMax && oldest !== undefined) values.delete(oldest)
}
