import { body, emptyUpdate, frameOf } from '../../dialects/yjs/frames.ts'
import type { Cursor, DocumentAnswer, PresenceEntry } from '../../link/document-messages.ts'
import { encodeAwareness } from './awareness.ts'
import type { DocumentSubscription } from './document-connection.ts'
import { beginning } from './document-connection.ts'

type Page = Extract<DocumentAnswer, { kind: 'page' }>

/**
 * Who follows which document on this edge. A place is given pages until one ends at the edge's head, and from then on it is live. One
 * whose pipe is full is left to read on later, and then gets what it missed in one piece.
 */
export interface DocumentHub {
  /** A place is open: what the core said of the document. */
  add(place: DocumentSubscription, head: number, presence: readonly PresenceEntry[]): void
  remove(place: DocumentSubscription): void
  /** It asked for what it lacks. */
  sync(place: DocumentSubscription, stateVector: Uint8Array): void
  deliver(document: string, first: number, updates: readonly Uint8Array[]): void
  present(document: string, entries: readonly PresenceEntry[]): void
  /**
   * Sends a stateless message to Hocuspocus clients: to these members, or to all when undefined.
   */
  stateless(document: string, text: string, members: readonly number[] | undefined): void
  /** Tells a place where everybody is; from then on it is told of changes. */
  showPresence(place: DocumentSubscription): void
  /** The current subscriptions of a document. */
  placesIn(document: string): readonly DocumentSubscription[]
  /** Whether somebody is there under that client id. */
  knows(document: string, client: number): boolean
  /** The subscription of a member. */
  find(document: string, member: number): DocumentSubscription | undefined
  /** Its pipe has room again. */
  drained(place: DocumentSubscription): void
  /** Reads again what could not be read. */
  retry(): void
}

interface HubContext {
  readonly offer: (place: DocumentSubscription, frame: Uint8Array) => void
  /** Asks the core for a page. */
  readonly read: (
    place: DocumentSubscription,
    cursor: Cursor,
    stateVector: Uint8Array | undefined,
    give: (page: Page | undefined) => void,
  ) => void
  readonly lagged: () => void
  /**
   * Whether to skip requesting missing updates from a place because one was rejected recently.
   * `ours` is the document's state vector.
   */
  readonly holdsBack: (place: DocumentSubscription, ours: Uint8Array) => boolean
}

interface Followed {
  readonly places: Set<DocumentSubscription>
  head: number
  readonly presence: Map<number, PresenceEntry>
}

/** Of what others say of themselves only the latest matters. */
function miss(place: DocumentSubscription, entries: readonly PresenceEntry[]): void {
  place.missed ??= new Map()
  for (const entry of othersOf(place, entries)) place.missed.set(entry.client, entry)
}

/**
 * Presence of all other clients. A client must not receive its own client id, even from another
 * connection: it would adopt that state as its own.
 */
function othersOf(
  { client }: DocumentSubscription,
  entries: Iterable<PresenceEntry>,
): readonly PresenceEntry[] {
  return [...entries].filter((entry) => entry.client !== client)
}

/** Frames of one body, made once for each address. Places of one document mostly have the same. */
function createFrames(bytes: Uint8Array): (place: DocumentSubscription) => Uint8Array {
  const frames = new Map<string | undefined, Uint8Array>()
  return ({ address }) => {
    const known = frames.get(address)
    if (known !== undefined) return known
    const frame = frameOf(address, bytes)
    frames.set(address, frame)
    return frame
  }
}

export function createDocumentHub({ offer, read, lagged, holdsBack }: HubContext): DocumentHub {
  const documents = new Map<string, Followed>()
  const unread = new Set<DocumentSubscription>()

  function readOn(place: DocumentSubscription): void {
    if (place.socket.congested) {
      place.waits = true
      return
    }
    place.waits = false
    const { syncNo } = place
    read(place, place.cursor, place.stateVector, (page) => {
      if (place.state !== 'open' || place.syncNo !== syncNo) return
      // The core could not read it just now; it is asked again in a while.
      if (page === undefined) unread.add(place)
      else take(place, page)
    })
  }

  function take(place: DocumentSubscription, page: Page): void {
    const followed = documents.get(place.document)
    if (followed === undefined) return
    if (place.owesStep1) {
      place.owesStep1 = false
      if (!holdsBack(place, page.stateVector)) {
        if (page.asks !== undefined) place.askedOwn = true
        offer(place, frameOf(place.address, body.step1(page.asks ?? page.stateVector)))
      }
    }
    const updates = [...page.updates]
    const ends = !page.more && place.owesStep2
    const last = ends ? (updates.pop() ?? emptyUpdate) : undefined
    for (const update of updates) offer(place, frameOf(place.address, body.update(update)))
    if (last !== undefined) {
      place.owesStep2 = false
      offer(place, frameOf(place.address, body.step2(last)))
    }
    place.cursor = page.next
    const { opening, after } = page.next
    if (opening === 0 && !page.more && after >= followed.head) {
      place.follows = 'live'
      place.stateVector = undefined
    } else readOn(place)
  }

  return {
    add(place, head, presence) {
      const known = documents.get(place.document)
      const followed: Followed = known ?? { places: new Set(), head, presence: new Map() }
      if (known === undefined) {
        documents.set(place.document, followed)
        for (const entry of presence) followed.presence.set(entry.client, entry)
      }
      followed.places.add(place)
    },
    remove(place) {
      const followed = documents.get(place.document)
      if (followed === undefined) return
      followed.places.delete(place)
      unread.delete(place)
      if (followed.places.size === 0) documents.delete(place.document)
    },
    sync(place, stateVector) {
      place.syncNo += 1
      place.follows = 'reading'
      place.cursor = beginning
      place.stateVector = stateVector.length <= 1 ? undefined : stateVector
      place.owesStep1 = true
      place.owesStep2 = true
      readOn(place)
    },
    deliver(document, first, updates) {
      const followed = documents.get(document)
      if (followed === undefined) return
      followed.head = first + updates.length - 1
      const frames = updates.map((update) => createFrames(body.update(update)))
      for (const place of followed.places) {
        if (place.follows !== 'live') continue
        if (place.socket.congested) {
          lagged()
          place.follows = 'reading'
          place.cursor = { opening: 0, part: 0, after: first - 1 }
          place.waits = true
        } else for (const frame of frames) offer(place, frame(place))
      }
    },
    present(document, entries) {
      const followed = documents.get(document)
      if (followed === undefined) return
      for (const entry of entries) {
        if (entry.state === 'null') followed.presence.delete(entry.client)
        else followed.presence.set(entry.client, entry)
      }
      const frameOfAll = createFrames(body.awareness(encodeAwareness(entries)))
      const clients = new Set(entries.map(({ client }) => client))
      for (const place of followed.places) {
        if (!place.shown) continue
        if (place.socket.congested) miss(place, entries)
        else if (place.client === undefined || !clients.has(place.client)) {
          offer(place, frameOfAll(place))
        } else {
          const others = othersOf(place, entries)
          if (others.length === 0) continue
          offer(place, frameOf(place.address, body.awareness(encodeAwareness(others))))
        }
      }
    },
    stateless(document, text, members) {
      const frameOfAll = createFrames(body.hocuspocus.stateless(text))
      for (const place of documents.get(document)?.places ?? []) {
        if (place.address === undefined || members?.includes(place.member) === false) continue
        offer(place, frameOfAll(place))
      }
    },
    showPresence(place) {
      place.shown = true
      const followed = documents.get(place.document)
      const others = othersOf(place, followed?.presence.values() ?? [])
      if (others.length === 0) return
      offer(place, frameOf(place.address, body.awareness(encodeAwareness(others))))
    },
    find(document, member) {
      for (const place of documents.get(document)?.places ?? []) {
        if (place.member === member) return place
      }
      return undefined
    },
    placesIn: (document) => [...(documents.get(document)?.places ?? [])],
    knows: (document, client) => documents.get(document)?.presence.has(client) ?? false,
    drained(place) {
      if (place.waits) readOn(place)
      if (place.missed === undefined) return
      const entries = [...place.missed.values()]
      place.missed = undefined
      offer(place, frameOf(place.address, body.awareness(encodeAwareness(entries))))
    },
    retry() {
      const places = [...unread]
      unread.clear()
      for (const place of places) if (place.state === 'open') readOn(place)
    },
  }
}
