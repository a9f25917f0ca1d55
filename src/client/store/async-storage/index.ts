/**
 * The entry point `rusher/client/async-storage`: keeps what a phone published, over restarts.
 *
 *     import { AppState } from 'react-native'
 *     import AsyncStorage from '@react-native-async-storage/async-storage'
 *     import { connect } from 'rusher/client'
 *     import { asyncStorageStore } from 'rusher/client/async-storage'
 *
 *     const store = asyncStorageStore(AsyncStorage)
 *     const client = connect('https://example.com', { user: { id: 'ada' }, store })
 *     AppState.addEventListener('change', (state) =>
 *       state === 'active' ? client.resume() : client.pause(),
 *     )
 *
 * @module
 */

import type { User } from '../../../protocol/message.ts'
import { createStore } from '../create-store.ts'
import type { Driver, OpenScope, Scope } from '../driver.ts'
import { parseJson, parseUser } from '../parse-stored.ts'
import type { ClearOptions, Store } from '../store.ts'
import { StoreLockedError } from '../store-error.ts'
import type { KeyValueStorage } from './key-value-storage.ts'
import { KeyedScope } from './keyed-scope.ts'

export type { Store } from '../store.ts'
export type { KeyValueStorage } from './key-value-storage.ts'

export interface AsyncStorageStoreOptions {
  /** Begins every key: `rusher` if absent. */
  readonly prefix?: string
}

/**
 * Makes a store in a key-value storage, for React Native. One client at a time uses the data of a
 * user; a second one reports STORE_LOCKED and continues without. The storage must not be shared
 * with another process: browsers use `indexedDbStore`.
 */
export function asyncStorageStore(
  storage: KeyValueStorage,
  options: AsyncStorageStoreOptions = {},
): Store {
  return createStore(new AsyncStorageDriver(storage, options.prefix ?? 'rusher'))
}

class AsyncStorageDriver implements Driver {
  readonly #storage: KeyValueStorage
  readonly #prefix: string
  readonly #open = new Set<string>()
  /** Changes of the list of scopes, one after another. */
  #listing: Promise<void> = Promise.resolve()

  constructor(storage: KeyValueStorage, prefix: string) {
    this.#storage = storage
    this.#prefix = prefix
  }

  async open(scope: Scope): Promise<OpenScope> {
    const key = this.#keyOf(scope)
    if (this.#open.has(key)) throw new StoreLockedError('another client uses the data of this user')
    this.#open.add(key)
    const closed = () => void this.#open.delete(key)
    try {
      await this.#list((scopes) => scopes.set(key, scope.user))
      const opened = new KeyedScope(this.#storage, key, closed)
      await opened.load()
      return opened
    } catch (error) {
      closed()
      throw error
    }
  }

  async loadGuest(server: string): Promise<User | undefined> {
    return parseUser(parseJson(await this.#storage.getItem(this.#guestKey(server))))
  }

  async saveGuest(server: string, { id, name }: User): Promise<void> {
    const key = this.#guestKey(server)
    await this.#storage.setItem(key, JSON.stringify({ id, name }))
    await this.#list((scopes) => scopes.set(key, id))
  }

  async clear({ user }: ClearOptions): Promise<void> {
    await this.#list(async (scopes) => {
      for (const [key, owner] of scopes) {
        if (user !== undefined && owner !== user) continue
        const scope = new KeyedScope(this.#storage, key, () => {})
        await scope.load()
        await scope.clear()
        // A guest is kept under its key itself.
        await this.#storage.removeItem(key)
        scopes.delete(key)
      }
    })
  }

  /** Changes the list of what is kept. Keys cannot be listed in every storage. */
  #list(change: (scopes: Map<string, string>) => unknown): Promise<void> {
    const listKey = `${this.#prefix}:list`
    const changed = this.#listing.then(async () => {
      const scopes = parseList(parseJson(await this.#storage.getItem(listKey)))
      const before = JSON.stringify([...scopes])
      await change(scopes)
      const after = JSON.stringify([...scopes])
      if (after !== before) await this.#storage.setItem(listKey, after)
    })
    this.#listing = changed.catch(() => {})
    return changed
  }

  #keyOf({ server, user }: Scope): string {
    return `${this.#prefix}:${JSON.stringify([server, user])}`
  }

  #guestKey(server: string): string {
    return `${this.#prefix}:guest:${server}`
  }
}

function parseList(value: unknown): Map<string, string> {
  const scopes = new Map<string, string>()
  if (!Array.isArray(value)) return scopes
  for (const entry of value as readonly unknown[]) {
    if (!Array.isArray(entry)) continue
    const [key, user] = entry as readonly unknown[]
    if (typeof key === 'string' && typeof user === 'string') scopes.set(key, user)
  }
  return scopes
}
