import { HocuspocusProvider } from '@hocuspocus/provider'
import { IndexeddbPersistence } from 'y-indexeddb'
import type { Awareness } from 'y-protocols/awareness'
import { Doc } from 'yjs'
import type { Session } from '../session.ts'
import { firstFacts, type PageFacts, type PageState, stateOf } from './page-state.ts'
import { seedWelcome } from './welcome-page.ts'

/** What a message of the server says beside the document. */
interface Notice {
  readonly kind: 'refused' | 'kept'
  readonly message: string
}

export interface PageSnapshot {
  readonly state: PageState
  /** Something to tell once; undefined when there is nothing. */
  readonly notice: string | undefined
}

/** One open page: its document, who is in it, and how it is. */
export interface OpenPage {
  readonly name: string
  readonly doc: Doc
  readonly provider: HocuspocusProvider
  readonly awareness: Awareness
  readonly subscribe: (listener: () => void) => () => void
  readonly getSnapshot: () => PageSnapshot
  dismissNotice(): void
  close(): void
}

/** Opens a page: from this browser's copy at once, and from the server as soon as it answers. The two are merged. */
export function openPage(
  name: string,
  { documents, me }: Pick<Session, 'documents' | 'me'>,
): OpenPage {
  const doc = new Doc()
  const kept = new IndexeddbPersistence(`page:${name}`, doc)
  const provider = new HocuspocusProvider({
    websocketProvider: documents,
    name,
    document: doc,
    // A page that is closed and opened again has another address, so that a late word of the first does not close the second.
    sessionAwareness: true,
  })
  const { awareness } = provider
  if (awareness === null) throw new Error('the provider was made without awareness')
  const listeners = new Set<() => void>()
  let facts: PageFacts = firstFacts
  let snapshot: PageSnapshot = { state: stateOf(facts), notice: undefined }

  function learn(news: Partial<PageFacts>, notice: string | undefined = snapshot.notice): void {
    facts = { ...facts, ...news }
    snapshot = { state: stateOf(facts), notice }
    for (const listener of listeners) listener()
  }

  provider.on('status', ({ status }: { status: string }) => {
    const connected = status === 'connected'
    learn({ connected, ...(connected ? {} : { synced: false }) })
  })
  provider.on('authenticated', ({ scope }: { scope: string }) => {
    learn({ connected: true, readOnly: scope === 'readonly', refusal: undefined })
  })
  provider.on('authenticationFailed', () => {
    learn({ refusal: 'You may not open this page. Ask whoever runs it.' })
  })
  provider.on('synced', () => learn({ synced: true, everSynced: true, changedOffline: false }))
  provider.on('unsyncedChanges', () => learn({ unsaved: provider.unsyncedChanges }))
  provider.on('stateless', ({ payload }: { payload: string }) => {
    const { kind, message } = JSON.parse(payload) as Notice
    learn(kind === 'refused' ? { refusal: message } : {}, message)
  })
  provider.on('close', ({ event }: { event: { code: number; reason: string } }) => {
    // The connection stays, and this page was taken off it: the server does not take what it says.
    if (event.code === 1000 && event.reason !== '') learn({ refusal: event.reason })
  })
  doc.on('update', (_update: Uint8Array, origin: unknown) => {
    if (!facts.connected && origin !== provider && origin !== kept) learn({ changedOffline: true })
  })
  provider.attach()
  if (name === 'welcome') void seedWelcome(me)

  return {
    name,
    doc,
    provider,
    awareness,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    getSnapshot: () => snapshot,
    dismissNotice() {
      snapshot = { ...snapshot, notice: undefined }
      for (const listener of listeners) listener()
    },
    close() {
      provider.destroy()
      void kept.destroy()
      doc.destroy()
    },
  }
}
