/** How a page is, told from what the server said last. */
export type PageState =
  /** Not here yet; what this browser kept of it may be. */
  | { readonly kind: 'opening' }
  | { readonly kind: 'saved' }
  | { readonly kind: 'saving' }
  /** What is written now is kept in this browser, and sent later. */
  | { readonly kind: 'offline'; readonly unsent: boolean }
  | { readonly kind: 'read only' }
  | { readonly kind: 'refused'; readonly message: string }

export interface PageFacts {
  readonly connected: boolean
  /** It was in step with the server at least once since the last connection. */
  readonly synced: boolean
  /** Changes whose acknowledgement is not in. The server gives it when they are on disk. */
  readonly unsaved: number
  /** Changes made here while there was no connection. */
  readonly changedOffline: boolean
  readonly everSynced: boolean
  readonly readOnly: boolean
  readonly refusal: string | undefined
}

export const firstFacts: PageFacts = {
  connected: false,
  synced: false,
  unsaved: 0,
  changedOffline: false,
  everSynced: false,
  readOnly: false,
  refusal: undefined,
}

/** What to tell of it. The worst comes first. */
export function stateOf(facts: PageFacts): PageState {
  if (facts.refusal !== undefined) return { kind: 'refused', message: facts.refusal }
  if (!facts.connected) {
    return facts.everSynced || facts.changedOffline
      ? { kind: 'offline', unsent: facts.changedOffline || facts.unsaved > 0 }
      : { kind: 'opening' }
  }
  if (facts.readOnly) return { kind: 'read only' }
  if (!facts.everSynced) return { kind: 'opening' }
  return !facts.synced || facts.unsaved > 0 ? { kind: 'saving' } : { kind: 'saved' }
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
    case 'refused':
      return 'Not saved'
  }
}
