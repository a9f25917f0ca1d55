/** Why changes are not saved, as shown to the user. */
export interface Refusal {
  /** What happened. */
  readonly title: string
  /** The reason and what to do. */
  readonly message: string
  /** The page's state, in a word or two. */
  readonly state: string
  /** Label of the button that opens the server's version; undefined when it cannot be opened. */
  readonly reopen: string | undefined
  /** Whether a reload can help. */
  readonly mayReload: boolean
  /** Whether the server has closed the page: no more updates arrive. */
  readonly isClosed: boolean
}

/** A notice that the server sends beside the document's updates. */
export type ServerNotice =
  /** Information; no change was lost. */
  | { readonly kind: 'told'; readonly message: string }
  /** A change was rejected for good, or the page was closed. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  /** A change was rejected for now; it is accepted once there is room again. */
  | { readonly kind: 'held'; readonly code: string; readonly message: string }

/** Refusals that need no action: the server requests the change again. */
const quiet = /^(?:GAP|UNAVAILABLE|RATE_LIMITED|BUSY)$/

/** Parses a stateless message of the server; undefined when it is not a notice about this page. */
export function parseNotice(payload: string): ServerNotice | undefined {
  let given: Readonly<Record<string, unknown>>
  try {
    given = Object(JSON.parse(payload)) as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
  const { kind, about, code = '', message, permanent } = given
  if (typeof message !== 'string' || typeof code !== 'string') return undefined
  if (kind === 'kept' || kind === 'corrected') return { kind: 'told', message }
  // Refusals of presence or of a stateless message do not concern the page's content.
  if (kind !== 'refused' || about !== undefined || quiet.test(code)) return undefined
  return { kind: permanent === false ? 'held' : 'refused', code, message }
}

/** A change was rejected. The page can be opened without it. */
const changeRefused = {
  title: 'Your last changes were not saved',
  state: 'Not saved',
  reopen: 'Open the saved version',
  mayReload: false,
  isClosed: false,
}

/** The user may not read the page. */
const shutOut = { reopen: undefined, mayReload: true, isClosed: true }

/** The text for a deleted page. A new page can start under the same name. */
export const deletion: Refusal = {
  title: 'This page was deleted',
  message: 'It was deleted for everyone. You can continue with a new page of the same name.',
  state: 'Deleted',
  reopen: 'Open the page as it is now',
  mayReload: false,
  isClosed: true,
}

/** The text for each code. Without a message here, the server's message is shown. */
const words: ReadonlyMap<string, Partial<Refusal>> = new Map<string, Partial<Refusal>>([
  ['BAD_UPDATE', { message: 'The server could not read the last change.' }],
  [
    'CLIENT_ID_TAKEN',
    {
      title: 'This copy of the page can no longer be used',
      message:
        'Another copy of the page is in use in its place. Your last changes may not have been saved.',
      isClosed: true,
    },
  ],
  ['DOCUMENT_FULL', { title: 'The page is full' }],
  [
    'READ_ONLY',
    {
      title: 'This page is now read-only for you',
      message:
        'Your last changes were not saved. Ask its administrator for write access, then reload.',
      mayReload: true,
    },
  ],
  [
    'DENIED',
    {
      title: 'You do not have access to this page',
      message: 'Ask its administrator for access, then reload.',
      state: 'No access',
      ...shutOut,
    },
  ],
  [
    'TOKEN_EXPIRED',
    {
      title: 'Your session has expired',
      message: 'Sign in again, then reload.',
      state: 'Signed out',
      ...shutOut,
    },
  ],
  [
    'TOKEN_REFUSED',
    {
      title: 'Your sign-in was not accepted',
      message: 'Sign in again, then reload.',
      state: 'Signed out',
      ...shutOut,
    },
  ],
  [
    'BAD_NAME',
    {
      title: 'This page name is not valid',
      message: 'Choose another name for the page.',
      state: 'Not saved',
      ...shutOut,
      mayReload: false,
    },
  ],
])

/** The text for a refusal. Buttons beside it offer the actions. */
export function refusalOf({ code, message }: { code: string; message: string }): Refusal {
  return code === 'DELETED' ? deletion : { ...changeRefused, message, ...words.get(code) }
}

/** The text for a page that the server closed. */
export function closedBy(reason: string): Refusal {
  return {
    ...changeRefused,
    title: 'The server closed this page',
    message: reason,
    mayReload: true,
    isClosed: true,
  }
}

/** The text for a page that was closed without a notice that gives the code. */
export function deniedFor(reason: string): Refusal {
  const code = /deleted/i.test(reason)
    ? 'DELETED'
    : /token|expired/i.test(reason)
      ? 'TOKEN_EXPIRED'
      : 'DENIED'
  return refusalOf({ code, message: reason })
}
