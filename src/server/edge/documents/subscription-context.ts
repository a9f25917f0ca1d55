import type { DocumentAnswer, DocumentToCore } from '../../link/document-messages.ts'
import type { DocumentAuthorizer } from './authorize.ts'
import type { DocumentCloseReason } from './close-reasons.ts'
import type { DocumentConnection, DocumentSubscription } from './document-connection.ts'
import type { DocumentEdgeOptions } from './document-edge-options.ts'
import type { DocumentHub } from './document-hub.ts'

type WithoutCall<Message> = Message extends { readonly call: number }
  ? Omit<Message, 'call'>
  : never

/** A question to the core, before it has a number. */
export type Question = WithoutCall<DocumentToCore>

/** What the parts of the edge do to a place and its connection. */
export interface SubscriptionActions {
  readonly options: DocumentEdgeOptions
  readonly hub: DocumentHub
  readonly admission: DocumentAuthorizer
  /** Sends a body to a place, behind its address. */
  say(place: DocumentSubscription, bytes: Uint8Array): void
  tell(message: DocumentToCore): void
  ask(question: Question, take: (answer: DocumentAnswer) => void): void
  /** Its client left the document. */
  leave(place: DocumentSubscription): void
  /** Ends a place so that its client does what the reason asks for. */
  end(place: DocumentSubscription, why: DocumentCloseReason, detail?: string): void
  /** Closes the whole connection. */
  close(socket: DocumentConnection, why: DocumentCloseReason, detail?: string): void
  /** Looks anew when the connection is next due. */
  rearm(socket: DocumentConnection): void
}
