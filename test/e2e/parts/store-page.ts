import { systemClock } from '../../../src/client/clock.ts'
import { indexedDbStore } from '../../../src/client/store/indexed-db/index.ts'
import type { User } from '../../../src/protocol/message.ts'
import type { Position } from '../../../src/protocol/position.ts'

/** A store as a page uses it, driven from outside. It runs in the browser. */
export class StorePage {
  readonly #store = indexedDbStore()
  readonly restored: string[] = []
  readonly errors: string[] = []
  user: User | undefined
  readonly #attached = this.#store.attach({
    url: 'wss://example.test/rusher',
    clock: systemClock,
    restore: ({ id }) => this.restored.push(id),
    withdraw: () => {},
    report: ({ code }) => this.errors.push(code),
  })

  /** Loads what a user has; undefined is a guest. */
  async load(id?: string): Promise<void> {
    this.user = await this.#attached.load(id === undefined ? undefined : { id }, false)
  }

  admit(id: string): Promise<void> {
    return new Promise((resolve) => this.#attached.admit({ id }, resolve))
  }

  async put(...ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#attached.put({ id, channel: 'chat:a', bodyText: '1' })
    await this.#store.flush()
  }

  async remove(id: string): Promise<void> {
    this.#attached.remove(id)
    await this.#store.flush()
  }

  async move(offset: number): Promise<void> {
    this.#attached.move('chat:a', { epoch: 'e', offset })
    await this.#store.flush()
  }

  since(): Position | undefined {
    return this.#attached.since('chat:a')
  }

  async clear(user?: string): Promise<void> {
    await this.#store.clear(user === undefined ? {} : { user })
  }
}

Object.assign(globalThis, { StorePage })
