import { HocuspocusProvider } from '@hocuspocus/provider'
import { IndexeddbPersistence } from 'y-indexeddb'
import { type Awareness, removeAwarenessStates } from 'y-protocols/awareness'
import { Doc, type XmlFragment } from 'yjs'
import type { Session } from '../session.ts'
import { isMarkedDeleted, markDeleted, putAside, storeOf } from './copy/local-copies.ts'
import { firstFacts, isWritable, type PageFacts, type PageState, stateOf } from './page-state.ts'
import { closedBy, deletion, deniedFor, parseNotice, refusalOf } from './refusals.ts'
import { guardObservers, lockable } from './safe/guard-observers.ts'
import { PageAwareness } from './safe/page-awareness.ts'
import { seedWelcome } from './welcome-page.ts'

export interface PageSnapshot {
  readonly state: PageState
  /** Something to tell once; undefined when there is nothing. */
  readonly notice: string | undefined
  /** Why the editor cannot show the page; undefined while it can. */
  readonly trouble: unknown
}

/** One open page: its document, who is in it, and how it is. */
export interface OpenPage {
  readonly name: string
  readonly doc: Doc
  /** What the editor shows. */
  readonly fragment: XmlFragment
  readonly provider: HocuspocusProvider
  readonly awareness: Awareness
  readonly subscribe: (listener: () => void) => () => void
  readonly getSnapshot: () => PageSnapshot
  readonly dismissNotice: () => void
  /** The editor could not show the page. */
  readonly cannotShow: (error: unknown) => void
  /** Shows the page in the editor again. */
  readonly tryAgain: () => void
  /** Sets this browser's copy aside. Reopen the page afterwards. */
  readonly putAside: () => void
  close(): void
}

/**
 * How long connecting and reading IndexedDB may take before the page shows a state, in
 * milliseconds.
 */
const patienceMs = 3_000

/** Opens a page: from this browser's copy at once, and from the server as soon as it answers. The two are merged. */
export function openPage(
  name: string,
  { documents, me }: Pick<Session, 'documents' | 'me'>,
): OpenPage {
  const doc = new Doc()
  const store = storeOf(name)
  const wasDeleted = isMarkedDeleted(name)
  const kept = new IndexeddbPersistence(store, doc)
  const provider = new HocuspocusProvider({
    websocketProvider: documents,
    name,
    document: doc,
    awareness: new PageAwareness(doc),
    // A reopened page has its own session, so that a late message of the old one cannot close it.
    sessionAwareness: true,
  })
  const { awareness } = provider
  if (awareness === null) throw new Error('the provider was made without awareness')
  const listeners = new Set<() => void>()
  let facts: PageFacts = firstFacts
  let snapshot: PageSnapshot = { state: stateOf(facts), notice: undefined, trouble: undefined }
  let closed = false

  function show(news: Partial<PageSnapshot>): void {
    snapshot = { ...snapshot, ...news }
    for (const listener of listeners) listener()
  }

  function learn(news: Partial<PageFacts>): void {
    const unsaved = provider.unsyncedChanges
    // Nothing is held back once everything is saved.
    const held = unsaved === 0 ? undefined : facts.held
    facts = { ...facts, unsaved, held, ...news }
    show({ state: stateOf(facts) })
  }

  // `wrote`: the user edited. `adjusted`: the editor changed the document while rendering it.
  let wrote = false
  let adjusted = false

  follow(provider, learn, {
    facts: () => facts,
    notice: (text) => show({ notice: text }),
    isMissed: () => wrote || !adjusted,
    deleted: () => {
      // Without this, a reconnect would open the page with the same copy again.
      provider.detach()
      markDeleted(name, store)
    },
  })
  const lock = lockable(doc)
  const cannotShow = (error: unknown): void => {
    lock.locked = true
    show({ trouble: error })
  }
  const fragment = guardObservers(doc.getXmlFragment('default'), cannotShow)
  doc.on('update', (_update: Uint8Array, origin: unknown) => {
    if (origin === provider || origin === kept) return
    if (!isWritable(snapshot.state)) {
      adjusted = true
      return
    }
    wrote = true
    if (!facts.connected) learn({ changedOffline: true })
  })

  /** Connects once the local copy is loaded; an earlier sync state would not include it. */
  function load(): void {
    if (closed || facts.loaded) return
    // The copy of a deleted page is shown, but never merged with the new page.
    if (wasDeleted) return learn({ loaded: true, refusal: deletion })
    learn({ loaded: true })
    provider.attach()
    if (name === 'welcome' && fragment.length === 0) void seedWelcome(me)
  }
  void kept.whenSynced.then(load)
  const patience = setTimeout(() => {
    // A browser without storage, for instance in a private window, never reports that it synced.
    load()
    if (!facts.connected) learn({ unreachable: true })
  }, patienceMs)
  return {
    name,
    doc,
    fragment,
    provider,
    awareness,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    getSnapshot: () => snapshot,
    dismissNotice: () => show({ notice: undefined }),
    cannotShow,
    tryAgain() {
      lock.locked = false
      show({ trouble: undefined })
    },
    putAside() {
      const { state } = snapshot
      const why = 'refusal' in state ? state.refusal.title : ''
      putAside(name, { store, why, atMs: Date.now() })
    },
    close() {
      closed = true
      clearTimeout(patience)
      provider.destroy()
      void kept.destroy()
      doc.destroy()
    },
  }
}

interface Tell {
  readonly facts: () => PageFacts
  readonly notice: (text: string) => void
  /** Whether the user would lose an edit when a read-only refusal is ignored. */
  readonly isMissed: () => boolean
  /** The page was deleted. */
  readonly deleted: () => void
}

/** Derives the state of a page from the events of its provider. */
function follow(
  provider: HocuspocusProvider,
  learn: (news: Partial<PageFacts>) => void,
  tell: Tell,
): void {
  provider.on('status', ({ status }: { status: string }) => {
    if (status === 'connected') return learn({ connected: true, unreachable: false })
    // After a reconnect, the provider counts from zero.
    const { synced, unsaved, changedOffline } = tell.facts()
    learn({
      connected: false,
      synced: false,
      changedOffline: changedOffline || (synced && unsaved > 0),
    })
  })
  provider.on('authenticated', ({ scope }: { scope: string }) => {
    // A denial is lifted by a new sign-in; every other refusal stays.
    const { refusal } = tell.facts()
    const isDenial = refusal !== undefined && refusal.reopen === undefined
    learn({
      connected: true,
      readOnly: scope === 'readonly',
      refusal: isDenial ? undefined : refusal,
    })
  })
  provider.on('authenticationFailed', ({ reason }: { reason: string }) => {
    const { refusal: told } = tell.facts()
    // The notice before it gives the code.
    const refusal = told?.isClosed === true ? told : deniedFor(reason)
    learn({ refusal })
    leaveOthers(provider)
    if (refusal === deletion) tell.deleted()
  })
  provider.on('synced', () => learn({ synced: true, everSynced: true, changedOffline: false }))
  provider.on('unsyncedChanges', () => learn({}))
  provider.on('stateless', ({ payload }: { payload: string }) => {
    const notice = parseNotice(payload)
    if (notice === undefined) return
    if (notice.kind === 'told') return tell.notice(notice.message)
    if (notice.code === 'READ_ONLY' && !tell.isMissed()) return
    const refusal = refusalOf(notice)
    learn(notice.kind === 'held' ? { held: refusal } : { refusal })
  })
  provider.on('close', ({ event }: { event: { code: number; reason: string } }) => {
    // Only this page was closed, not the connection. An earlier refusal is more specific.
    const { refusal } = tell.facts()
    if (event.code === 1000 && event.reason !== '') {
      learn({ refusal: refusal ?? closedBy(event.reason) })
    }
  })
}

/** Removes the carets of others: the provider does so only when its connection closes. */
function leaveOthers(provider: HocuspocusProvider): void {
  const { awareness, document } = provider
  if (awareness === null) return
  const others = [...awareness.getStates().keys()].filter((id) => id !== document.clientID)
  removeAwarenessStates(awareness, others, provider)
}
