import type { User } from '../../protocol/message.ts'
import type { Position } from '../../protocol/position.ts'
import { ClientError } from '../client-error.ts'
import { failedMax } from '../pending-list.ts'
import type { Driver, OpenScope } from './driver.ts'
import type { AttachedStore, StoreClient, StoredPublish } from './store.ts'
import { withoutStore } from './store-error.ts'
import { WriteQueue } from './write-queue.ts'

/** How long a client waits for its store before it goes on without it. */
export const loadMs = 3_000
/** Channels whose positions are kept; beyond that, the one that moved longest ago is dropped. */
export const positionsMax = 1_000

/** Whose data is loaded: `admitted` when the server has said so, not only the program. */
interface Owner {
  readonly user: string
  readonly admitted: boolean
}

/** What an attachment has to do with the other clients of its store. */
export interface StorePeers {
  /** Resolves when the storage can be opened. */
  before(): Promise<void>
  /** This client has released the storage. */
  closed(): void
}

/** What one client has in a store: decides what is kept for whom. The I/O is the driver's. */
export class Attachment implements AttachedStore {
  readonly #driver: Driver
  readonly #client: StoreClient
  /** The URL without its query, which can hold anything. */
  readonly #server: string
  readonly #peers: StorePeers
  #owner: Owner | undefined
  #isGuest = false
  /** The stored guest. */
  #guestId: string | undefined
  /** What is kept, or will be once the storage is open. */
  #kept = new Map<string, StoredPublish>()
  /** Ids of `#kept` that were loaded, not published by this client. */
  #loaded = new Set<string>()
  #positions = new Map<string, Position>()
  #queue: WriteQueue | undefined
  /** Settles when the storage is open, or will not be. It never rejects. */
  #opening: Promise<void> = Promise.resolve()
  /** Counts scopes: an answer for an earlier one comes too late. */
  #turn = 0
  #isClosed = false

  constructor(driver: Driver, client: StoreClient, peers: StorePeers) {
    this.#driver = driver
    this.#client = client
    this.#server = client.url.replace(/\?.*/s, '')
    this.#peers = peers
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Resolves, once the client is closed, when the storage is released. */
  get released(): Promise<void> {
    return this.#opening
  }

  async load(user: User | undefined, hasToken: boolean): Promise<User | undefined> {
    if (user === undefined && hasToken) return undefined
    this.#isGuest = user === undefined
    const known = user ?? (await this.#inTime(this.#guest()))
    // The server can have been faster.
    if (known !== undefined && this.#owner === undefined) {
      this.#owner = { user: known.id, admitted: false }
      await this.#inTime(this.#open(known.id))
    }
    return known
  }

  admit(user: User, then: () => void): void {
    const owner = this.#owner
    if (this.#isGuest && user.id !== this.#guestId) {
      this.#guestId = user.id
      this.#driver.saveGuest(this.#server, user).catch(this.#report)
    }
    this.#owner = { user: user.id, admitted: true }
    if (owner?.user === user.id) {
      then()
      return
    }
    if (owner !== undefined) this.#leave(owner, user)
    void this.#inTime(this.#open(user.id)).then(then)
  }

  put(given: StoredPublish): void {
    const publish = fieldsOf(given)
    this.#kept.set(publish.id, publish)
    this.#queue?.add({ kind: 'put', publish })
    if (publish.failed !== undefined) this.#dropOldFailures(publish.channel)
  }

  remove(id: string): void {
    this.#loaded.delete(id)
    if (this.#kept.delete(id)) this.#queue?.add({ kind: 'remove', id })
  }

  failed(channel: string): readonly StoredPublish[] {
    return [...this.#kept.values()].filter(
      (publish) => publish.channel === channel && publish.failed !== undefined,
    )
  }

  since(channel: string): Position | undefined {
    return this.#positions.get(channel)
  }

  move(channel: string, position: Position | undefined): void {
    if (position === undefined) return
    const known = this.#positions.get(channel)
    if (known?.epoch === position.epoch && known.offset === position.offset) return
    // The last of the map is the one that moved last.
    this.#positions.delete(channel)
    this.#positions.set(channel, position)
    this.#queue?.add({ kind: 'position', channel, position })
    const [oldest] = this.#positions.keys()
    if (this.#positions.size <= positionsMax || oldest === undefined) return
    this.#positions.delete(oldest)
    this.#queue?.add({ kind: 'position', channel: oldest })
  }

  save(): void {
    this.#queue?.flush().catch(() => {})
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#opening = this.#opening
      .then(async () => {
        const queue = this.#queue
        this.#queue = undefined
        await queue?.close()
      })
      .catch(this.#report)
      .finally(() => this.#peers.closed())
  }

  /** Resolves when everything is written. */
  async flush(): Promise<void> {
    await this.#opening
    if (this.#isClosed) return
    if (this.#kept.size > 0 && this.#queue === undefined) {
      throw new ClientError('STORE_FAILED', 'the storage is not open', true)
    }
    await this.#queue?.flush().catch((error: unknown) => {
      throw withoutStore(error)
    })
  }

  /** Forgets what is kept for a user, or for everybody, and waits until nothing more is written. */
  async forget(user: string | undefined): Promise<void> {
    if (user === undefined || user === this.#owner?.user) {
      for (const id of [...this.#kept.keys()]) this.remove(id)
      for (const channel of this.#positions.keys()) this.#queue?.add({ kind: 'position', channel })
      this.#positions.clear()
    }
    await this.#opening
    await this.#queue?.flush().catch(() => {})
  }

  async #guest(): Promise<User | undefined> {
    const guest = await this.#driver.loadGuest(this.#server)
    this.#guestId ??= guest?.id
    return guest
  }

  /** Opens the data of a user. Everything that was kept before that is added to it. */
  #open(user: string): Promise<void> {
    this.#turn += 1
    const turn = this.#turn
    const server = this.#server
    const takenOver = (publishes: readonly StoredPublish[]) => {
      if (turn === this.#turn) this.#restore(publishes)
    }
    this.#opening = this.#peers
      .before()
      .then(() => this.#driver.open({ server, user }, takenOver))
      .then((scope) => (turn === this.#turn ? this.#use(scope) : scope.close()))
      .catch(this.#report)
    return this.#opening
  }

  #use(scope: OpenScope): void {
    const { clock } = this.#client
    const typed = [...this.#kept.values()]
    this.#queue = new WriteQueue({ scope, clock, random: Math.random, failed: this.#report })
    for (const [channel, position] of scope.positions) {
      if (!this.#positions.has(channel)) this.#positions.set(channel, position)
    }
    this.#restore(scope.publishes)
    for (const publish of typed) this.#queue.add({ kind: 'put', publish })
  }

  #restore(publishes: readonly StoredPublish[]): void {
    const added = publishes.filter(({ id }) => !this.#kept.has(id))
    for (const publish of added) {
      this.#kept.set(publish.id, publish)
      this.#loaded.add(publish.id)
    }
    if (!this.#isClosed) for (const publish of added) this.#client.restore(publish)
  }

  /** Detaches the data of a user, so that nothing of it is sent as another user. */
  #leave(owner: Owner, next: User): void {
    const stay = owner.admitted ? new Set(this.#kept.keys()) : this.#loaded
    const queue = this.#queue
    this.#queue = undefined
    const kept = new Map(this.#kept)
    for (const id of stay) this.#kept.delete(id)
    // What this client published before the server said who it is, is the admitted user's.
    for (const id of this.#kept.keys()) queue?.add({ kind: 'remove', id })
    queue?.close().catch(this.#report)
    this.#positions = new Map()
    this.#loaded = new Set()
    if (stay.size === 0) return
    const error = new ClientError('CLOSED', `the publish is of ${owner.user}, not of ${next.id}`)
    for (const [id, publish] of kept) if (stay.has(id)) this.#client.withdraw(publish, error)
    const message = `${stay.size} publishes of ${owner.user} are kept and not sent as ${next.id}`
    this.#client.report(new ClientError('USER_CHANGED', message))
  }

  #dropOldFailures(channel: string): void {
    const failed = this.failed(channel)
    const [oldest] = failed
    if (failed.length > failedMax && oldest !== undefined) this.remove(oldest.id)
  }

  /** Resolves like a promise, or after a while to undefined. A rejection is reported. */
  async #inTime<Value>(promise: Promise<Value>): Promise<Value | undefined> {
    const { clock } = this.#client
    let timer: unknown
    const late = new Promise<undefined>((resolve) => {
      timer = clock.after(loadMs, () => {
        this.#report('the storage does not answer')
        resolve(undefined)
      })
    })
    try {
      return await Promise.race([promise, late])
    } catch (error) {
      this.#report(error)
      return undefined
    } finally {
      clock.clear(timer)
    }
  }

  readonly #report = (error: unknown): void => this.#client.report(withoutStore(error))
}

function fieldsOf({ id, channel, bodyText, expect, failed }: StoredPublish): StoredPublish {
  return {
    id,
    channel,
    bodyText,
    ...(expect !== undefined && { expect }),
    ...(failed && { failed }),
  }
}
