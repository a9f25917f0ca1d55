import { Attachment } from './attachment.ts'
import type { Driver } from './driver.ts'
import type { AttachedStore, ClearOptions, Store, StoreClient } from './store.ts'
import { withoutStore } from './store-error.ts'

/** Makes a store of a driver. */
export function createStore(driver: Driver): Store {
  return new DriverStore(driver)
}

class DriverStore implements Store {
  readonly #driver: Driver
  readonly #attached = new Set<Attachment>()

  constructor(driver: Driver) {
    this.#driver = driver
  }

  attach(client: StoreClient): AttachedStore {
    const attachment = new Attachment(this.#driver, client, {
      before: () => this.#closing(),
      closed: () => this.#attached.delete(attachment),
    })
    this.#attached.add(attachment)
    return attachment
  }

  /** Resolves when the clients that were closed have released their storage. */
  async #closing(): Promise<void> {
    const closing = [...this.#attached].filter((attachment) => attachment.isClosed)
    await Promise.all(closing.map((attachment) => attachment.released))
  }

  async flush(): Promise<void> {
    await Promise.all(Array.from(this.#attached, (attachment) => attachment.flush()))
  }

  async clear(options: ClearOptions = {}): Promise<void> {
    // What closing clients still write must not come after the deletion.
    await Promise.all(Array.from(this.#attached, (attachment) => attachment.forget(options.user)))
    try {
      await this.#driver.clear(options)
    } catch (error) {
      throw withoutStore(error)
    }
  }
}
