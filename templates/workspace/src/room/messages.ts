import type { ChannelEvent, PendingPublish, User } from 'rusher/client'
import type { ChatBody } from './chat-body.ts'
import { foldReactions, type Reaction } from './reactions.ts'

/** A message as the page shows it. */
export interface Message {
  /** The same from the moment it is sent, so that the page keeps its place for it. */
  readonly key: string
  /** Its place in the log; undefined until it is saved. */
  readonly offset: number | undefined
  /** The event that holds its text now when that is not the first one: its newest edit. */
  readonly last: number | undefined
  readonly author: User
  /** Milliseconds since 1970. */
  readonly at: number
  readonly text: string
  readonly edited: boolean
  readonly deleted: boolean
  /** The offset of the message that this one answers. */
  readonly replyTo: number | undefined
  readonly reactions: readonly Reaction[]
  readonly delivery: Delivery
}

/** How far a message, or a change of it, has come. `queued` waits for the connection, `sent` for the server's answer. */
export type Delivery =
  | { readonly state: 'saved' | 'queued' | 'sent' }
  | { readonly state: 'failed'; readonly publishId: string; readonly reason: string }

/** What the log says last about a message: its newest edit, or that it was deleted. */
interface Change {
  readonly offset: number
  readonly author: User
  readonly at: number
  /** Undefined when it was deleted. */
  readonly text: string | undefined
  readonly replyTo: number | undefined
}

/**
 * Folds a stretch of the log, and what waits to be in it, into messages in order.
 *
 * Edits and deletions come after their message in the log. So a message that is not here yet, because history loads
 * backwards, finds its changes already here when it comes.
 */
export function foldMessages(
  events: readonly ChannelEvent<ChatBody>[],
  pending: readonly PendingPublish<ChatBody>[],
  me: User,
  now: number,
): readonly Message[] {
  const changes = collectChanges(events)
  const reactions = foldReactions(events, pending, me)
  const messages: Message[] = []
  for (const event of events) {
    const { offset } = event
    const message = messageOf(event, changes.get(offset), reactions.get(offset))
    if (message !== undefined) messages.push(message)
  }
  for (const publish of pending) {
    const { body } = publish
    if (body.kind === 'say') messages.push(waitingMessage(publish, body, me, now))
    if (body.kind !== 'edit' && body.kind !== 'delete') continue
    const index = messages.findIndex(({ offset }) => offset === body.offset)
    const message = messages[index]
    if (message === undefined) continue
    const edit = body.kind === 'edit' ? { text: body.text, edited: true } : {}
    messages[index] = { ...message, ...edit, delivery: deliveryOf(publish) }
  }
  return messages
}

function collectChanges(events: readonly ChannelEvent<ChatBody>[]): ReadonlyMap<number, Change> {
  const changes = new Map<number, Change>()
  for (const event of events) {
    // An erased event has no body: a later one took its place.
    if (!('body' in event)) continue
    const { offset, at, user, body } = event
    if (body.kind === 'edit') {
      const { text, replyTo, saidAt = at } = body
      changes.set(body.offset, { offset, author: user, at: saidAt, text, replyTo })
    } else if (body.kind === 'delete') {
      const gone = { text: undefined, replyTo: undefined }
      changes.set(body.offset, { offset, author: user, at, ...gone })
    }
  }
  return changes
}

function messageOf(
  event: ChannelEvent<ChatBody>,
  change: Change | undefined,
  reactions: readonly Reaction[] = [],
): Message | undefined {
  const { offset } = event
  const body = 'body' in event ? event.body : undefined
  if (body !== undefined && body.kind !== 'say') return undefined
  const author = event.user ?? change?.author
  const at = event.at ?? change?.at
  // Erased, and nothing says what it was: an earlier edit.
  if (author === undefined || at === undefined) return undefined
  const deleted = change !== undefined && change.text === undefined
  return {
    key: event.id ?? String(offset),
    offset,
    last: change?.offset,
    author,
    at,
    text: deleted ? '' : (change?.text ?? body?.text ?? ''),
    edited: change?.text !== undefined,
    deleted,
    replyTo: deleted ? undefined : (change?.replyTo ?? body?.replyTo),
    reactions: deleted ? [] : reactions,
    delivery: { state: 'saved' },
  }
}

function waitingMessage(
  publish: PendingPublish<ChatBody>,
  { text, replyTo }: Extract<ChatBody, { kind: 'say' }>,
  me: User,
  now: number,
): Message {
  return {
    key: publish.id,
    offset: undefined,
    last: undefined,
    author: me,
    at: now,
    text,
    edited: false,
    deleted: false,
    replyTo,
    reactions: [],
    delivery: deliveryOf(publish),
  }
}

function deliveryOf({ id, state, error }: PendingPublish<ChatBody>): Delivery {
  if (state !== 'failed') return { state }
  return { state, publishId: id, reason: error?.message ?? 'the server refused it' }
}
