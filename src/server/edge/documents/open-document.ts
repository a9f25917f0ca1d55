import type { Credentials, Identity } from '../../auth/auth.ts'
import { body } from '../../dialects/yjs/frames.ts'
import type { Author } from '../../link/document-messages.ts'
import { contain } from '../../runtime/containment.ts'
import { warnBefore } from '../connection/edge-times.ts'
import type { Admitted } from './authorize.ts'
import { parseDocumentName } from './connection-params.ts'
import {
  createDocumentSubscription,
  type DocumentConnection,
  type DocumentSubscription,
} from './document-connection.ts'
import { documentTimes } from './document-edge-options.ts'
import type { SubscriptionActions } from './subscription-context.ts'

/** How a connection gets a place in a document, and how its rights there change. */
export interface DocumentOpener {
  /** Makes a place, which is open once it is known who it is and the document could be read. */
  enter(socket: DocumentConnection, address: string | undefined, token: string | undefined): void
  /** The client shows a token again. */
  renew(place: DocumentSubscription, token: string): void
  /** Looks again at what it may do. */
  recheck(place: DocumentSubscription): void
}

export function createDocumentOpener(
  acts: SubscriptionActions,
  makeMember: () => number,
  /** Called when the document is open, to process early messages. */
  opened: (place: DocumentSubscription) => void,
): DocumentOpener {
  const { admission, hub } = acts

  function credentialsOf({ entry }: DocumentConnection, token: string | undefined): Credentials {
    const shown = token === undefined || token === '' ? entry.token : token
    return {
      ...(shown === undefined ? {} : { token: shown }),
      ...(entry.user === undefined ? {} : { user: entry.user }),
    }
  }

  /** On a session's connection it is known who it is, unless it shows a token for this document. */
  function whoIs(place: DocumentSubscription, token: string | undefined): Promise<Admitted> {
    const { socket, document } = place
    const identity = socket.entry.session?.()
    place.ownToken = identity === undefined || (token !== undefined && token !== '')
    return identity !== undefined && !place.ownToken
      ? admission.look(identity, document)
      : admission.admit(credentialsOf(socket, token), document, socket.entry.request)
  }

  function authorOf({ identity }: DocumentSubscription): Author {
    if (identity === undefined || identity.anonymous === true) return { id: '' }
    return identity.user
  }

  function settle(place: DocumentSubscription, admitted: Admitted): boolean {
    if (place.state === 'ended') return false
    switch (admitted.kind) {
      case 'refused':
        acts.end(place, admitted.why)
        return false
      case 'unknown':
        acts.close(place.socket, 'OVERLOADED', 'it could not be found out who you are')
        return false
      case 'admitted':
        place.mayWrite = admitted.mayWrite
        if (place.identity !== admitted.identity) identified(place, admitted.identity)
        return true
      default:
        return admitted satisfies never
    }
  }

  /** Applies a verified token, the first or a renewed one; its expiry counts from now on. */
  function identified(place: DocumentSubscription, identity: Identity): void {
    const { expiresAt } = identity
    const leftMs = expiresAt === undefined ? 0 : expiresAt - acts.options.clock.now()
    place.identity = identity
    place.warned = false
    place.warnBeforeMs = warnBefore(leftMs, documentTimes.warnMs)
  }

  function greet(place: DocumentSubscription): void {
    if (place.address === undefined) {
      if (!place.mayWrite) acts.say(place, body.denied('read-only'))
    } else {
      const scope = place.mayWrite ? 'read-write' : 'readonly'
      acts.say(place, body.hocuspocus.authenticated(scope))
    }
  }

  function open(place: DocumentSubscription): void {
    place.state = 'opening'
    place.joined = true
    greet(place)
    const { document, member } = place
    acts.ask({ kind: 'open', document, member, author: authorOf(place) }, (answer) => {
      if (place.state !== 'opening') return
      // The document could not be read in time. The client reconnects and syncs its changes.
      if (answer.kind !== 'opened') return acts.close(place.socket, 'OVERLOADED')
      place.state = 'open'
      hub.add(place, answer.head, answer.presence)
      opened(place)
      acts.rearm(place.socket)
    })
    // The token may expire before the document is open.
    acts.rearm(place.socket)
  }

  /** Closes the connection after an internal error; the client reconnects and tries again. */
  function sendAway(place: DocumentSubscription): void {
    if (place.state !== 'ended') acts.close(place.socket, 'OVERLOADED')
  }

  function change(place: DocumentSubscription, admitted: Admitted): void {
    const { mayWrite } = place
    if (settle(place, admitted) && place.mayWrite !== mayWrite) greet(place)
    acts.rearm(place.socket)
  }

  return {
    enter(socket, address, token) {
      const named = address === undefined ? socket.entry.document : address.split('\0', 1)[0]
      const document = parseDocumentName(named ?? '')
      const place = createDocumentSubscription(socket, address, document ?? '', makeMember())
      socket.places.set(address ?? '', place)
      if (document === undefined) return acts.end(place, 'BAD_NAME')
      const entered = whoIs(place, token).then((admitted) => {
        if (settle(place, admitted)) open(place)
      })
      contain(acts.options, 'document', entered, () => sendAway(place))
    },
    renew(place, token) {
      const before = place.identity?.user.id
      const renewed = whoIs(place, token).then((admitted) => {
        const another = admitted.kind === 'admitted' && admitted.identity.user.id !== before
        if (another && admitted.identity.anonymous !== true) {
          return acts.end(place, 'TOKEN_REFUSED', 'the token is for another user')
        }
        change(place, admitted)
      })
      contain(acts.options, 'document', renewed, () => sendAway(place))
    },
    recheck(place) {
      // A session may have shown a newer token meanwhile.
      const identity = place.ownToken ? place.identity : place.socket.entry.session?.()
      if (identity === undefined || place.state === 'ended') return
      const rechecked = admission.lookNow(identity, place.document).then((admitted) => {
        // What could not be found out now is asked again; until then it stays as it is.
        if (admitted.kind !== 'unknown' && place.state !== 'ended') change(place, admitted)
      })
      contain(acts.options, 'document', rechecked)
    },
  }
}
