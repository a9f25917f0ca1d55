/** Why changes are not saved, as shown to the user. */
export interface Refusal {
  /** What happened. */
  readonly title: string
  /** The reason and what to do. */
  readonly message: string
  /** Whether the server's version of the page can be opened. */
  readonly mayReopen: boolean
}

/** A notice that the server sends beside the document's updates. */
export type ServerNotice =
  /** Information; no change was lost. */
  | { readonly kind: 'told'; readonly message: string }
  /** A change was rejected for good. */
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

/**
 * The text for a rejected change. Instructions are removed: buttons beside it offer the actions.
 */
export function refusalOf({ code, message }: { code: string; message: string }): Refusal {
  const title = titles[code] ?? 'Your last changes were not saved'
  const isOnButtons = /\s*(?:Copy|Keep) what[^.]*reload the page\.$|\s*Reload the page\.$/
  return { title, message: message.replace(isOnButtons, ''), mayReopen: true }
}

const titles: Readonly<Record<string, string>> = {
  READ_ONLY: 'This page is now read-only for you',
  DOCUMENT_FULL: 'The page is full',
  FORGED: 'The page must be reopened',
  CLIENT_ID_TAKEN: 'The page must be reopened',
}

/** The text for a page that the server closed. */
export function closedBy(reason: string): Refusal {
  return { title: 'The server closed this page', message: reason, mayReopen: true }
}

/** The text for a page that the user may not open. */
export function deniedFor(reason: string): Refusal {
  if (/token|expired/i.test(reason)) {
    return {
      title: 'Your session has expired',
      message: 'Sign in again, then reload. Changes made now would not be saved.',
      mayReopen: false,
    }
  }
  return {
    title: 'You do not have access to this page',
    message: 'Ask its administrator for access, then reload.',
    mayReopen: false,
  }
}
