import type { DocumentFault } from '../link/document-messages.ts'

/**
 * Why a Yjs client is sent away, and how, so that the stock providers do what is meant. y-websocket 3.1 and later stay away after
 * 4400 to 4499 and come back after anything else; earlier ones always come back. Hocuspocus providers come back after
 * every close: they stay away from one document when they are told so on the open connection.
 */
export const endings = {
  SERVER_RESTART: { code: 1012, text: 'the server restarts' },
  OVERLOADED: { code: 1013, text: 'the server cannot take this now; come back later' },
  SLOW_READER: { code: 1013, text: 'the client did not read what was sent' },
  SILENT: { code: 1013, text: 'no answer to a ping' },
  OPEN_TIMEOUT: { code: 4408, text: 'no document was opened in time' },
  BAD_FRAME: { code: 4400, text: 'a frame was not what the protocol allows' },
  TOKEN_REFUSED: { code: 4401, text: 'the token was refused' },
  TOKEN_EXPIRED: { code: 4401, text: 'the token expired' },
  DENIED: { code: 4403, text: 'this user may not read this document' },
  BAD_NAME: { code: 4404, text: 'there is no document of that name' },
  UPDATE_REFUSED: { code: 4409, text: 'an update was refused; load the document anew' },
} as const

export type Ending = keyof typeof endings

/** What the text of a refusal tells the person who sees it. */
export const faultTexts: Readonly<Record<DocumentFault, string>> = {
  BAD_UPDATE: 'The last change was damaged and was not saved. Reload the page.',
  GAP: 'A change came before the one it follows on. It is asked for again.',
  CLIENT_ID_TAKEN:
    'Others have written under the id of this copy of the document. Keep what is not saved and reload the page.',
  DOCUMENT_FULL: 'The document is as large as it may be. Nothing more is saved in it.',
  READ_ONLY: 'You may read this document and not change it. The change was not saved.',
  NOT_FOUND: 'There is nothing of that name.',
  BAD_JSON: 'The content was no JSON.',
  BAD_CONTENT: 'The content was not understood.',
  UNAVAILABLE: 'The server could not look at the change. It was not saved yet.',
}
