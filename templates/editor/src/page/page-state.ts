import type { Refusal } from './refusals.ts'

/** The state of a page as shown to the user. */
export type PageState =
  /** Not loaded from the server yet; a local copy may be shown. */
  | { readonly kind: 'opening' }
  | { readonly kind: 'saved' }
  | { readonly kind: 'saving' }
  /** Changes are kept in this browser and sent later. */
  | { readonly kind: 'offline'; readonly unsent: boolean }
  | { readonly kind: 'read only' }
  /** Changes are rejected for now and may be accepted later. */
  | { readonly kind: 'held'; readonly refusal: Refusal }
  /** Changes are rejected for good. */
  | {
      readonly kind: 'refused'
      readonly refusal: Refusal
      /** The server has not acknowledged all changes. */
      readonly unsent: boolean
    }

export interface PageFacts {
  readonly connected: boolean
  /** The server has been unreachable for longer than connecting takes. */
  readonly unreachable: boolean
  /** The local copy was read. Until then it is unknown whether all of it is saved. */
  readonly loaded: boolean
  /** It was in step with the server at least once since the last connection. */
  readonly synced: boolean
  /** Changes whose acknowledgement is not in. The server gives it when they are on disk. */
  readonly unsaved: number
  /** Changes made here while there was no connection. */
  readonly changedOffline: boolean
  readonly everSynced: boolean
  readonly readOnly: boolean
  /** Why changes are held back. */
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
  if (facts.refusal !== undefined) {
    // Before it is synced, the provider counts its own first request as a change.
    const unsent = facts.changedOffline || (facts.synced && facts.unsaved > 0)
    return { kind: 'refused', refusal: facts.refusal, unsent }
  }
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

/** The state of a page with its title, which is saved beside the text. */
export function withTitle(state: PageState, isSavingTitle: boolean): PageState {
  if (!isSavingTitle) return state
  if (state.kind === 'saved') return { kind: 'saving' }
  return state.kind === 'offline' ? { kind: 'offline', unsent: true } : state
}

/** Whether the page can be edited in this state. */
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
      return 'Not saved'
    case 'refused':
      // Without access, all changes may still have been saved.
      return state.unsent && state.refusal.reopen === undefined ? 'Not saved' : state.refusal.state
  }
}
