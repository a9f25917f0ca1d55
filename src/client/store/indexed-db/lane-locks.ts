import type { Scope } from '../driver.ts'

/** How long a page waits for the lock of the page that it replaces. */
export const reloadMs = 500
/** How long a lane stays free for the page that had it, which may be reloading. */
export const graceMs = 2_000

/** A lane that is held by this page, or, without Web Locks, merely used by it. */
export interface HeldLane {
  readonly name: string
  release(): void
}

/**
 * Decides which page owns which lane. A lane holds the publishes of one page, and its lock is held
 * by that page for as long as it lives. Browsers offer Web Locks only to secure contexts (https and
 * localhost); elsewhere every page takes every lane, and the server recognizes repeats by their id.
 */
export class LaneLocks {
  readonly #scope: Scope
  readonly #locks: LockManager | undefined
  readonly #end = new AbortController()
  readonly #watched = new Set<string>()
  #channel: BroadcastChannel | undefined

  constructor(scope: Scope, locks: LockManager | undefined) {
    this.#scope = scope
    this.#locks = locks
  }

  /** Takes the lane that this tab had before a reload, or a new one. */
  async takeOwn(): Promise<HeldLane> {
    // Without locks, a duplicated tab would write to the lane of the first.
    const before = this.#locks === undefined ? undefined : readLane()
    if (before !== undefined) {
      const held = await this.#take(before, AbortSignal.timeout(reloadMs))
      if (held !== undefined) return held
    }
    const name = crypto.getRandomValues(new Uint32Array(4)).join('-')
    // A second client in this tab: the lane of the first one stays the tab's.
    if (before === undefined) writeLane(name)
    return (await this.#take(name)) ?? { name, release() {} }
  }

  /** Takes a lane that no living page holds. */
  async takeOrphan(name: string): Promise<HeldLane | undefined> {
    return this.#take(name, 'ifAvailable')
  }

  /**
   * Calls `orphaned` with the name of each lane whose page has gone, and has not come back in time.
   */
  async watchOthers(own: string, orphaned: (name: string) => void): Promise<void> {
    if (this.#locks === undefined) return
    this.#announce(own, orphaned)
    const { held = [] } = await this.#locks.query()
    for (const { name = '' } of held) {
      const lane = this.#laneOf(name)
      if (lane !== undefined && lane !== own) this.watch(lane, orphaned)
    }
  }

  /** As `watchOthers`, for one lane. */
  watch(lane: string, orphaned: (name: string) => void): void {
    if (this.#watched.has(lane) || this.#locks === undefined || this.#end.signal.aborted) return
    this.#watched.add(lane)
    const { signal } = this.#end
    this.#locks
      .request(this.#nameOf(lane), { signal }, () => {})
      .then(() => {
        setTimeout(() => {
          this.#watched.delete(lane)
          if (!signal.aborted) orphaned(lane)
        }, graceMs)
      })
      // Ended meanwhile.
      .catch(() => this.#watched.delete(lane))
  }

  close(): void {
    this.#end.abort()
    this.#channel?.close()
  }

  /** Tells other pages of this lane, and hears of theirs. */
  #announce(own: string, orphaned: (name: string) => void): void {
    const channel = new BroadcastChannel('rusher:lanes')
    this.#channel = channel
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      const lane = typeof data === 'string' ? this.#laneOf(data) : undefined
      if (lane !== undefined && lane !== own) this.watch(lane, orphaned)
    }
    channel.postMessage(this.#nameOf(own))
  }

  /** Holds a lock until `release`. Undefined when it was not granted. */
  #take(lane: string, wait?: AbortSignal | 'ifAvailable'): Promise<HeldLane | undefined> {
    const locks = this.#locks
    if (locks === undefined) return Promise.resolve({ name: lane, release() {} })
    return new Promise((resolve) => {
      const hold = (lock: Lock | null) => {
        if (lock === null) return resolve(undefined)
        return new Promise<void>((release) => resolve({ name: lane, release }))
      }
      const options = wait === 'ifAvailable' ? { ifAvailable: true } : wait && { signal: wait }
      locks.request(this.#nameOf(lane), options ?? {}, hold).catch(() => resolve(undefined))
    })
  }

  #nameOf(lane: string): string {
    const { server, user } = this.#scope
    return `rusher:${JSON.stringify([server, user])}:${lane}`
  }

  #laneOf(name: string): string | undefined {
    const prefix = this.#nameOf('')
    return name.startsWith(prefix) ? name.slice(prefix.length) : undefined
  }
}

const laneKey = 'rusher-lane'

/** The lane of this tab. A reload keeps the tab's session storage. */
function readLane(): string | undefined {
  try {
    return sessionStorage.getItem(laneKey) ?? undefined
  } catch {
    return undefined
  }
}

function writeLane(name: string): void {
  try {
    sessionStorage.setItem(laneKey, name)
  } catch {
    // Blocked: after a reload another lane is used, and this one is taken over.
  }
}
