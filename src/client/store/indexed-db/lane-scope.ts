import type { Position } from '../../../protocol/position.ts'
import type { Change, OpenScope, Scope } from '../driver.ts'
import { parsePosition, parsePublish } from '../parse-stored.ts'
import type { StoredPublish } from '../store.ts'
import type { Database } from './database.ts'
import type { HeldLane, LaneLocks } from './lane-locks.ts'
import { committed, forEachRecord, resultOf } from './requests.ts'

/** One user's publishes of one page, and the positions of all of that user's pages. */
export class LaneScope implements OpenScope {
  readonly #database: Database
  readonly #scope: Scope
  readonly #locks: LaneLocks
  readonly #lane: HeldLane
  /** The place of each publish in the lane. */
  readonly #orders = new Map<string, number>()
  #nextOrder = 0
  #publishes: StoredPublish[] = []
  #positions = new Map<string, Position>()

  constructor(database: Database, scope: Scope, locks: LaneLocks, lane: HeldLane) {
    this.#database = database
    this.#scope = scope
    this.#locks = locks
    this.#lane = lane
  }

  get publishes(): readonly StoredPublish[] {
    return this.#publishes
  }

  get positions(): ReadonlyMap<string, Position> {
    return this.#positions
  }

  /** Reads what is kept, and takes over the lanes of pages that are gone. */
  async load(takenOver: (publishes: readonly StoredPublish[]) => void): Promise<void> {
    const lane = this.#lane.name
    const database = await this.#database.open()
    const reading = database.transaction(['publishes', 'positions'])
    await forEachRecord(reading.objectStore('publishes'), this.#laneRange(lane), (cursor) => {
      const order = (cursor.key as IDBValidKey[])[3] as number
      this.#nextOrder = order + 1
      const publish = parsePublish(cursor.value)
      if (publish === undefined) return
      this.#orders.set(publish.id, order)
      this.#publishes.push(publish)
    })
    await forEachRecord(reading.objectStore('positions'), this.#range(), ({ value }) => {
      const position = parsePosition(value)
      if (position !== undefined) this.#positions.set(value.channel, position)
    })
    const orphaned = (name: string) => void this.#takeOver(name, takenOver).catch(() => {})
    for (const name of await this.#otherLanes()) {
      await this.#takeOver(name, (publishes) => this.#publishes.unshift(...publishes))
    }
    await this.#locks.watchOthers(lane, orphaned)
  }

  async write(changes: readonly Change[]): Promise<void> {
    const database = await this.#database.open()
    const durability = changes.some(({ kind }) => kind === 'put') ? 'strict' : 'relaxed'
    const writing = database.transaction(['publishes', 'positions'], 'readwrite', { durability })
    const done = committed(writing)
    for (const change of changes) this.#apply(writing, change)
    await done
  }

  async close(): Promise<void> {
    this.#locks.close()
    this.#lane.release()
  }

  #apply(writing: IDBTransaction, change: Change): void {
    const publishes = writing.objectStore('publishes')
    if (change.kind === 'put') {
      publishes.put(this.#recordOf(change.publish))
    } else if (change.kind === 'remove') {
      const order = this.#orders.get(change.id)
      if (order === undefined) return
      publishes.delete(this.#keyOf(this.#lane.name, order))
      // Kept until the commit is sure: a failed write is repeated.
      writing.addEventListener('complete', () => this.#orders.delete(change.id))
    } else {
      // A failed read fails the transaction, which is reported.
      this.#move(writing.objectStore('positions'), change).catch(() => {})
    }
  }

  /** Of several pages, the one that is furthest decides. */
  async #move(store: IDBObjectStore, change: Change & { kind: 'position' }): Promise<void> {
    const { channel, position } = change
    const { server, user } = this.#scope
    if (position === undefined) {
      store.delete([server, user, channel])
      return
    }
    const known = parsePosition(await resultOf(store.get([server, user, channel])))
    if (known?.epoch === position.epoch && known.offset >= position.offset) return
    store.put({ server, user, channel, ...position })
  }

  /** Moves the publishes of a lane to this one, if no living page holds it. */
  async #takeOver(
    lane: string,
    taken: (publishes: readonly StoredPublish[]) => void,
  ): Promise<void> {
    const held = await this.#locks.takeOrphan(lane)
    if (held === undefined) {
      // The page is reloading, or another one takes its lane over.
      this.#locks.watch(lane, (name) => void this.#takeOver(name, taken).catch(() => {}))
      return
    }
    try {
      const publishes = await this.#moveHere(lane)
      if (publishes.length > 0) taken(publishes)
    } finally {
      held.release()
    }
  }

  async #moveHere(lane: string): Promise<readonly StoredPublish[]> {
    const database = await this.#database.open()
    const moving = database.transaction('publishes', 'readwrite', { durability: 'strict' })
    const done = committed(moving)
    const store = moving.objectStore('publishes')
    const moved: StoredPublish[] = []
    await forEachRecord(store, this.#laneRange(lane), (cursor) => {
      const publish = parsePublish(cursor.value)
      cursor.delete()
      if (publish === undefined) return
      store.put(this.#recordOf(publish))
      moved.push(publish)
    })
    await done
    return moved
  }

  /** Names of the other lanes of this scope that hold publishes. */
  async #otherLanes(): Promise<ReadonlySet<string>> {
    const database = await this.#database.open()
    const lanes = new Set<string>()
    const store = database.transaction('publishes').objectStore('publishes')
    const keys = await resultOf(store.getAllKeys(this.#range()))
    for (const key of keys) lanes.add((key as IDBValidKey[])[2] as string)
    lanes.delete(this.#lane.name)
    return lanes
  }

  #recordOf(publish: StoredPublish): object {
    let order = this.#orders.get(publish.id)
    if (order === undefined) {
      order = this.#nextOrder
      this.#nextOrder += 1
      this.#orders.set(publish.id, order)
    }
    const { server, user } = this.#scope
    return { server, user, lane: this.#lane.name, order, ...publish }
  }

  #keyOf(lane: string, order: number): IDBValidKey {
    return [this.#scope.server, this.#scope.user, lane, order]
  }

  #laneRange(lane: string): IDBKeyRange {
    const { server, user } = this.#scope
    return IDBKeyRange.bound([server, user, lane], [server, user, lane, []])
  }

  /** Everything of the scope: an array sorts behind every text and number. */
  #range(): IDBKeyRange {
    const { server, user } = this.#scope
    return IDBKeyRange.bound([server, user], [server, user, []])
  }
}
