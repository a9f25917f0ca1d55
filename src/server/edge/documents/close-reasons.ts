import type { DocumentFault } from '../../link/document-messages.ts'

/**
 * Why a Yjs client is sent away, and how, so that the stock providers do what is meant. y-websocket 3.1 and later stay away after
 * 4400 to 4499 and come back after anything else; earlier ones always come back. Hocuspocus providers come back after
 * every close: they stay away from one document when they are told so on the open connection.
 */
export const documentCloseReasons = {
  SERVER_RESTART: { code: 1012, text: 'the server restarts' },
  OVERLOADED: { code: 1013, text: 'the server cannot take this now; come back later' },
  SLOW_READER: { code: 1013, text: 'the client did not read what was sent' },
  SILENT: { code: 1013, text: 'no answer to a ping' },
  OPEN_TIMEOUT: { code: 4408, text: 'no document was opened in time' },
  TOO_SLOW: { code: 1013, text: 'a large message came in too slowly; send it again' },
  BAD_FRAME: { code: 4400, text: 'a frame was not what the protocol allows' },
  TOKEN_REFUSED: { code: 4401, text: 'the token was refused' },
  TOKEN_EXPIRED: { code: 4401, text: 'the token expired' },
  DENIED: { code: 4403, text: 'this user may not read this document' },
  BAD_NAME: { code: 4404, text: 'no such document' },
  TOO_LARGE: { code: 4413, text: 'the frame is too large' },
  DELETED: { code: 4410, text: 'the document was deleted' },
  UPDATE_REFUSED: { code: 4409, text: 'an update was refused; load the document anew' },
} as const

/** A size in human-readable form. */
function sizeText(bytes: number): string {
  const [unit, name] = bytes >= 2 ** 20 ? ([2 ** 20, 'MB'] as const) : ([2 ** 10, 'KB'] as const)
  return `${Math.round((bytes / unit) * 10) / 10} ${name}`
}

/** The user-facing text of a refusal, with the limit if there is one. */
export function refusalText(
  fault: DocumentFault,
  { documentBytesMax }: { readonly documentBytesMax: number },
): string {
  if (fault !== 'DOCUMENT_FULL') return faultTexts[fault]
  const size = sizeText(documentBytesMax)
  return `The document is limited to ${size}. This change would exceed that and was not saved. Undo it or delete something.`
}

/**
 * Whether a rejected change would always be rejected again. Other changes are requested again: at
 * once, when the server recovers, or when there is room.
 */
export function isPermanent(fault: DocumentFault): boolean {
  return fault !== 'GAP' && fault !== 'UNAVAILABLE' && fault !== 'DOCUMENT_FULL'
}

export type DocumentCloseReason = keyof typeof documentCloseReasons

/** What the text of a refusal tells the person who sees it. */
export const faultTexts: Readonly<Record<DocumentFault, string>> = {
  BAD_UPDATE:
    'The last change was damaged and was not saved. Copy what you have written, then reload the page.',
  GAP: 'A change came before the one it follows on. It is asked for again.',
  CLIENT_ID_TAKEN:
    'Another copy of the document uses the same client ID. Keep what is not saved and open a new copy.',
  DOCUMENT_FULL: 'The document is as large as it may be. Nothing more is saved in it.',
  READ_ONLY: 'You may read this document and not change it. The change was not saved.',
  NOT_FOUND: 'There is nothing of that name.',
  BAD_JSON: 'The content is not JSON.',
  BAD_CONTENT: 'The content was not understood.',
  UNSUPPORTED_CONTENT: 'The document has content that this format cannot express.',
  LOSES_CONTENT: 'The change would remove content that this format cannot express.',
  PRECONDITION_FAILED: 'The document has changed.',
  EXISTS: 'A document with that name already exists.',
  DELETED: 'The document was deleted. To start a new one, open it without its old content.',
  UNAVAILABLE: 'The server could not look at the change. It was not saved yet.',
}

/**
 * What the Hocuspocus provider hands to `onAuthenticationFailed`: its own server's word where it
 * has one.
 */
export function reasonOf(why: DocumentCloseReason): string {
  return why === 'TOKEN_REFUSED' || why === 'DENIED'
    ? 'permission-denied'
    : documentCloseReasons[why].text
}

const endingTexts: Partial<Record<DocumentCloseReason, string>> = {
  DELETED: faultTexts.DELETED,
  DENIED: 'You may not read this document.',
  TOKEN_EXPIRED: 'Your sign-in has ended. Sign in again.',
  TOKEN_REFUSED: 'Your sign-in was not accepted. Sign in again.',
  BAD_NAME: 'There is no document of that name.',
}

/** The text that the user sees when the server closes a document. */
export function closeReasonText(why: DocumentCloseReason): string {
  return endingTexts[why] ?? documentCloseReasons[why].text
}
