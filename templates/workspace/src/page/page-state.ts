import type { Refusal } from './refusals.ts'

/** How a page is, told from what the server said last. */
export type PageState =
  /** Not here yet; what this browser kept of it may be. */
  | { readonly kind: 'opening' }
  | { readonly kind: 'saved' }
  | { readonly kind: 'saving' }
  /** What is written now is kept in this browser, and sent later. */
  | { readonly kind: 'offline'; readonly unsent: boolean }
  | { readonly kind: 'read only' }
  /** What is written here is not taken as things are. */
  | { readonly kind: 'held'; readonly refusal: Refusal }
  /** Nothing that is written here is taken, now or later. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }

export interface PageFacts {
  readonly connected: boolean
  /** The server cannot be reached, for longer than a connection takes. */
  readonly unreachable: boolean
  /** What this browser kept of the page was read. Before that nobody knows whether all of it is saved. */
  readonly loaded: boolean
  /** It was in step with the server at least once since the last connection. */
  readonly synced: boolean
  /** Changes whose acknowledgement is not in. The server gives it when they are on disk. */
  readonly unsaved: number
  /** Changes made here while there was no connection. */
  readonly changedOffline: boolean
  readonly everSynced: boolean
  readonly readOnly: boolean
  /** Why what is written here has to wait. */
  readonly held: Refusal | undefined
  readonly refusal: Refusal | undefined
}

export const firstFacts: PageFacts = {
  connected: false,
  unreachable: false,
  loaded: false,
  synced: false,
  unsaved: 0,
  changedOffline: false,
  everSynced: false,
  readOnly: false,
  held: undefined,
  refusal: undefined,
}

/** What to tell of it. The worst comes first. */
export function stateOf(facts: PageFacts): PageState {
  if (facts.refusal !== undefined) return { kind: 'refused', refusal: facts.refusal }
  if (!facts.connected) {
    const isKnown = facts.everSynced || facts.changedOffline || facts.unreachable
    return isKnown && facts.loaded
      ? { kind: 'offline', unsent: facts.changedOffline || facts.unsaved > 0 }
      : { kind: 'opening' }
  }
  if (facts.readOnly) return { kind: 'read only' }
  if (!facts.loaded) return { kind: 'opening' }
  if (!facts.everSynced) return facts.changedOffline ? { kind: 'saving' } : { kind: 'opening' }
  if (facts.held !== undefined) return { kind: 'held', refusal: facts.held }
  return !facts.synced || facts.unsaved > 0 ? { kind: 'saving' } : { kind: 'saved' }
}

/** Whether somebody may write in a page that is so. */
export function isWritable({ kind }: PageState): boolean {
  return kind === 'saved' || kind === 'saving' || kind === 'offline' || kind === 'held'
}

/** The words for it. */
export function wordsOf(state: PageState): string {
  switch (state.kind) {
    case 'opening':
      return 'Opening…'
    case 'saved':
      return 'Saved'
    case 'saving':
      return 'Saving…'
    case 'offline':
      return state.unsent ? 'Offline, kept in this browser' : 'Offline'
    case 'read only':
      return 'Read only'
    case 'held':
    case 'refused':
      return 'Not saved'
  }
}
