/**
 * The entry point `rusher/client/indexeddb`: keeps what a page published, over reloads.
 *
 *     import { connect } from 'rusher/client'
 *     import { indexedDbStore } from 'rusher/client/indexeddb'
 *
 *     const client = connect(location.origin, { user: { id: 'ada' }, store: indexedDbStore() })
 *
 * @module
 */

import type { User } from '../../../protocol/message.ts'
import { createStore } from '../create-store.ts'
import type { Driver, OpenScope, Scope } from '../driver.ts'
import { parseUser } from '../parse-stored.ts'
import type { ClearOptions, Store, StoredPublish } from '../store.ts'
import { Database, stores } from './database.ts'
import { LaneLocks } from './lane-locks.ts'
import { LaneScope } from './lane-scope.ts'
import { committed, forEachRecord, resultOf } from './requests.ts'

export type { Store } from '../store.ts'

export interface IndexedDbStoreOptions {
  /** The name of the database: `rusher` if absent. */
  readonly database?: string
}

/**
 * Makes a store in IndexedDB, for browsers. Each page sends what it published itself. When a page
 * is gone, another page of the same origin takes over what it had waiting. Where the browser offers
 * Web Locks, no two pages send the same publish; elsewhere (plain http) they may, and the server
 * recognizes the repeat by its id.
 *
 * The position of a channel is the furthest that one of the pages reached.
 */
export function indexedDbStore(options: IndexedDbStoreOptions = {}): Store {
  return createStore(new IndexedDbDriver(options.database ?? 'rusher'))
}

class IndexedDbDriver implements Driver {
  readonly #database: Database

  constructor(name: string) {
    this.#database = new Database(name)
  }

  async open(
    scope: Scope,
    takenOver: (publishes: readonly StoredPublish[]) => void,
  ): Promise<OpenScope> {
    await this.#database.open()
    const locks = new LaneLocks(scope, globalThis.navigator?.locks)
    const lane = await locks.takeOwn()
    const opened = new LaneScope(this.#database, scope, locks, lane)
    try {
      await opened.load(takenOver)
    } catch (error) {
      await opened.close()
      throw error
    }
    return opened
  }

  async loadGuest(server: string): Promise<User | undefined> {
    const database = await this.#database.open()
    const guests = database.transaction('guests').objectStore('guests')
    return parseUser(await resultOf(guests.get(server)))
  }

  async saveGuest(server: string, { id, name }: User): Promise<void> {
    const database = await this.#database.open()
    const writing = database.transaction('guests', 'readwrite')
    const done = committed(writing)
    writing.objectStore('guests').put({ server, id, name })
    await done
  }

  async clear({ user }: ClearOptions): Promise<void> {
    const database = await this.#database.open()
    const clearing = database.transaction(stores, 'readwrite')
    const done = committed(clearing)
    for (const name of stores) {
      const store = clearing.objectStore(name)
      if (user === undefined) store.clear()
      else {
        await forEachRecord(store, null, (cursor) => {
          const { value } = cursor
          if ((name === 'guests' ? value.id : value.user) === user) cursor.delete()
        })
      }
    }
    await done
  }
}
