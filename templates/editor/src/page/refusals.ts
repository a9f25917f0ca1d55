/** Why the server does not take what is written here. */
export interface Refusal {
  /** What happened. */
  readonly title: string
  /** Why, and what to do. */
  readonly message: string
  /** Whether the page can be opened as the server has it. */
  readonly mayReopen: boolean
}

/** A message of the server beside the document. */
export type ServerNotice =
  /** Something to know; nothing is lost. */
  | { readonly kind: 'told'; readonly message: string }
  /** A change was refused, and would be refused again. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  /** A change was refused as things are; it is taken once the person or somebody else has made room. */
  | { readonly kind: 'held'; readonly code: string; readonly message: string }

/** Refusals about which nobody has to do anything: the server asks again. */
const quiet = /^(?:GAP|UNAVAILABLE|RATE_LIMITED|BUSY)$/

/** Reads a message of the server; undefined where there is nothing to tell, or it is for somebody else. */
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
  // What is said about presence or about a message is no change of the page.
  if (kind !== 'refused' || about !== undefined || quiet.test(code)) return undefined
  return { kind: permanent === false ? 'held' : 'refused', code, message }
}

/** The words for a change that was refused. What there is to do stands on buttons beside them. */
export function refusalOf({ code, message }: { code: string; message: string }): Refusal {
  const title = titles[code] ?? 'Your last changes were not saved'
  const isOnButtons = /\s*(?:Copy|Keep) what[^.]*reload the page\.$|\s*Reload the page\.$/
  return { title, message: message.replace(isOnButtons, ''), mayReopen: true }
}

const titles: Readonly<Record<string, string>> = {
  READ_ONLY: 'You may only read this page now',
  DOCUMENT_FULL: 'The page is full',
  FORGED: 'The page has to be opened anew',
  CLIENT_ID_TAKEN: 'The page has to be opened anew',
}

/** The words for a page that the server has taken this tab off. */
export function closedBy(reason: string): Refusal {
  return { title: 'The server closed this page', message: reason, mayReopen: true }
}

/** The words for a page that may not be opened, or not any more. */
export function deniedFor(reason: string): Refusal {
  if (/token|expired/i.test(reason)) {
    return {
      title: 'Your sign-in has ended',
      message: 'Sign in again, then reload. What you write now would not be saved.',
      mayReopen: false,
    }
  }
  return {
    title: 'You may not open this page',
    message: 'Ask whoever runs it to let you in, then reload.',
    mayReopen: false,
  }
}
