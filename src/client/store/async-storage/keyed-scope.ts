import type { Position } from '../../../protocol/position.ts'
import type { Change, OpenScope } from '../driver.ts'
import { parseJson, parsePosition, parsePublish } from '../parse-stored.ts'
import type { StoredPublish } from '../store.ts'
import type { KeyValueStorage } from './key-value-storage.ts'

/**
 * One user's data by key. Each publish has its own key, since values have a maximum size. The
 * index lists the ids in order; it names a publish before that is written, so that a crash leaves
 * no publish that is not in the list.
 */
export class KeyedScope implements OpenScope {
  readonly #storage: KeyValueStorage
  readonly #key: string
  readonly #closed: () => void
  #publishes: readonly StoredPublish[] = []
  readonly #positions = new Map<string, Position>()
  /** Ids that are stored, or may be. */
  readonly #ids = new Set<string>()
  /** `#ids` differs from the stored index. */
  #isIndexStale = false

  constructor(storage: KeyValueStorage, key: string, closed: () => void) {
    this.#storage = storage
    this.#key = key
    this.#closed = closed
  }

  get publishes(): readonly StoredPublish[] {
    return this.#publishes
  }

  get positions(): ReadonlyMap<string, Position> {
    return this.#positions
  }

  async load(): Promise<void> {
    const ids = parseJson(await this.#storage.getItem(this.#indexKey()))
    const publishes: StoredPublish[] = []
    for (const id of Array.isArray(ids) ? (ids as readonly unknown[]) : []) {
      if (typeof id !== 'string') continue
      this.#ids.add(id)
      const publish = parsePublish(parseJson(await this.#storage.getItem(this.#publishKey(id))))
      if (publish !== undefined) publishes.push(publish)
    }
    this.#publishes = publishes
    const positions = parseJson(await this.#storage.getItem(this.#positionsKey()))
    if (typeof positions !== 'object' || positions === null) return
    for (const [channel, value] of Object.entries(positions)) {
      const position = parsePosition(value)
      if (position !== undefined) this.#positions.set(channel, position)
    }
  }

  async write(changes: readonly Change[]): Promise<void> {
    const removed = new Set<string>()
    let moved = false
    for (const change of changes) {
      if (change.kind === 'put') this.#add(change.publish.id)
      else if (change.kind === 'remove') removed.add(change.id)
      else {
        moved = true
        if (change.position === undefined) this.#positions.delete(change.channel)
        else this.#positions.set(change.channel, change.position)
      }
    }
    if (this.#isIndexStale) await this.#writeIndex()
    for (const change of changes) {
      if (change.kind !== 'put') continue
      const { publish } = change
      await this.#storage.setItem(this.#publishKey(publish.id), JSON.stringify(publish))
    }
    for (const id of removed) await this.#storage.removeItem(this.#publishKey(id))
    if (removed.size > 0) {
      for (const id of removed) this.#ids.delete(id)
      this.#isIndexStale = true
      await this.#writeIndex()
    }
    if (!moved) return
    const positions = JSON.stringify(Object.fromEntries(this.#positions))
    await this.#storage.setItem(this.#positionsKey(), positions)
  }

  async close(): Promise<void> {
    this.#closed()
  }

  /** Deletes everything of the scope. */
  async clear(): Promise<void> {
    for (const id of this.#ids) await this.#storage.removeItem(this.#publishKey(id))
    await this.#storage.removeItem(this.#indexKey())
    await this.#storage.removeItem(this.#positionsKey())
  }

  #add(id: string): void {
    if (this.#ids.has(id)) return
    this.#ids.add(id)
    this.#isIndexStale = true
  }

  async #writeIndex(): Promise<void> {
    await this.#storage.setItem(this.#indexKey(), JSON.stringify([...this.#ids]))
    this.#isIndexStale = false
  }

  #indexKey(): string {
    return `${this.#key}:index`
  }

  #positionsKey(): string {
    return `${this.#key}:positions`
  }

  #publishKey(id: string): string {
    return `${this.#key}:publish:${id}`
  }
}
