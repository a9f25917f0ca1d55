import { resultOf } from './requests.ts'

const version = 1

/** The object stores: publishes by lane and order, positions by channel, guests by server. */
export const stores = ['publishes', 'positions', 'guests'] as const

/** Opens the database when it is needed, and again after the browser has closed it. */
export class Database {
  readonly #name: string
  #opened: Promise<IDBDatabase> | undefined

  constructor(name: string) {
    this.#name = name
  }

  open(): Promise<IDBDatabase> {
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }

  async #open(): Promise<IDBDatabase> {
    const request = indexedDB.open(this.#name, version)
    request.onupgradeneeded = () => {
      const database = request.result
      database.createObjectStore('publishes', { keyPath: ['server', 'user', 'lane', 'order'] })
      database.createObjectStore('positions', { keyPath: ['server', 'user', 'channel'] })
      database.createObjectStore('guests', { keyPath: 'server' })
    }
    const database = await resultOf(request)
    database.onclose = () => {
      this.#opened = undefined
    }
    // The database is being deleted, or upgraded by a newer version of this page.
    database.onversionchange = () => {
      this.#opened = undefined
      database.close()
    }
    return database
  }
}
