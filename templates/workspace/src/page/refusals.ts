/** Why the server does not take what is written here, and will not take it later either. */
export interface Refusal {
  /** What happened. */
  readonly title: string
  /** Why, and what to do. */
  readonly message: string
  /** Whether the page can be opened as the server has it. */
  readonly mayReopen: boolean
}

/** A message of the server beside the document. */
export interface ServerNotice {
  readonly kind: 'refused' | 'kept' | 'corrected'
  readonly code: string
  readonly message: string
  /** Whether the same change would be refused again. */
  readonly isPermanent: boolean
}

/** Refusals that pass: the change is asked for again, or sent again after a while. */
const passing = new Set(['GAP', 'UNAVAILABLE', 'RATE_LIMITED', 'BUSY'])

/** Reads a message of the server; undefined where it is for somebody else, such as an app of one's own. */
export function parseNotice(payload: string): ServerNotice | undefined {
  let given: Readonly<Record<string, unknown>>
  try {
    given = Object(JSON.parse(payload)) as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
  const { kind, code = '', message, permanent } = given
  if (kind !== 'refused' && kind !== 'kept' && kind !== 'corrected') return undefined
  if (typeof message !== 'string' || typeof code !== 'string') return undefined
  const isPermanent = typeof permanent === 'boolean' ? permanent : !passing.has(code)
  return { kind, code, message, isPermanent: kind === 'refused' && isPermanent }
}

/** The words for a change that was refused for good. */
export function refusalOf({ code, message }: Pick<ServerNotice, 'code' | 'message'>): Refusal {
  const title = titles[code] ?? 'Your last changes were not saved'
  return { title, message: message.replace(/\s*Reload the page\.$/, ''), mayReopen: true }
}

const titles: Readonly<Record<string, string>> = {
  READ_ONLY: 'You may only read this page now',
  DOCUMENT_FULL: 'The page is full',
  FORGED: 'This tab has to open the page anew',
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
