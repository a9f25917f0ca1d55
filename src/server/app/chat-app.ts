import type { Json } from '../../protocol/index.ts'
import type { App, AppEvent, Context, Decision, Member, Retention } from './app.ts'

export interface ChatOptions {
  readonly retention?: Retention
  /** Longest text of a message, in UTF-16 code units. */
  readonly textCharsMax?: number
}

/**
 * What a client may ask of a chat.
 *
 * At any time exactly one event of the log holds a message's text: the `say` at first, then its newest `edit`. Who edits or
 * deletes names that event in `last` (absent: the `say` itself), and it is erased in the same commit. So a text that was edited
 * away or deleted is in no page of history, and a change that did not know the newest text is refused as NOT_FOUND.
 */
export type ChatCommand =
  | { readonly kind: 'say'; readonly text: string }
  | {
      readonly kind: 'edit'
      readonly offset: number
      readonly last?: number
      readonly text: string
    }
  | { readonly kind: 'delete'; readonly offset: number; readonly last?: number }
  | { readonly kind: 'typing'; readonly on: boolean }
  | { readonly kind: 'read'; readonly offset: number }

/** A chat: messages with edits and deletions, who is typing, and how far each user has read. */
export function createChatApp({
  retention,
  textCharsMax = 4_000,
}: ChatOptions = {}): App<null, ChatCommand> {
  return {
    name: 'chat',
    ...(retention === undefined ? {} : { retention }),
    parse: (body) => parseChatCommand(body, textCharsMax),
    refers: (command) =>
      command.kind === 'edit' || command.kind === 'delete' ? [holderOf(command)] : [],
    decide: (_state, command, member, context) => decideChat(command, member, context),
  }
}

type Change = Extract<ChatCommand, { kind: 'edit' | 'delete' }>

function decideChat(command: ChatCommand, member: Member, context: Context): Decision {
  switch (command.kind) {
    case 'say':
      return { kind: 'publish', body: { kind: 'say', text: command.text }, keep: 'log' }
    case 'typing':
      return { kind: 'publish', body: { kind: 'typing', on: command.on }, keep: 'never' }
    case 'read':
      return decideRead(command.offset, member, context)
    default:
      return decideChange(command, member, context)
  }
}

/** A marker only goes forward: a page in the background may tell an older one later. */
function decideRead(offset: number, { user }: Member, { head }: Context): Decision {
  if (offset > head) {
    return { kind: 'reject', code: 'NOT_FOUND', message: `the log ends at offset ${head}` }
  }
  return {
    kind: 'publish',
    body: { kind: 'read', offset },
    keep: { latest: `read:${user.id}`, increasing: 'offset' },
  }
}

function decideChange(command: Change, member: Member, context: Context): Decision {
  const { kind, offset } = command
  const erase = holderOf(command)
  const holder = context.found.get(erase)
  if (holder === undefined) {
    return { kind: 'reject', code: 'NOT_FOUND', message: 'that message was changed or is gone' }
  }
  if (holder.user.id !== member.user.id) {
    return { kind: 'reject', code: 'DENIED', message: 'only its author may change a message' }
  }
  const saidAt = saidAtOf(holder, offset)
  if (saidAt === undefined) {
    return { kind: 'reject', code: 'DENIED', message: 'only a message can be changed' }
  }
  // The erased event takes its time along, so an edit carries it for those who read the log later.
  const body: Json =
    kind === 'edit' ? { kind, offset, text: command.text, saidAt } : { kind, offset }
  return { kind: 'publish', body, keep: 'log', erase }
}

function holderOf({ offset, last }: Change): number {
  return last ?? offset
}

/** When the message at `offset` was said; undefined when `holder` does not hold its text. */
function saidAtOf(holder: AppEvent, offset: number): number | undefined {
  if (!isFields(holder.body)) return undefined
  const { kind, offset: edited, saidAt } = holder.body
  if (kind === 'say') return holder.offset === offset ? holder.at : undefined
  return kind === 'edit' && edited === offset && typeof saidAt === 'number' ? saidAt : undefined
}

function parseChatCommand(body: Json, textCharsMax: number): ChatCommand | undefined {
  if (!isFields(body)) return undefined
  const { kind, on } = body
  if (kind === 'typing') return typeof on === 'boolean' ? { kind, on } : undefined
  if (kind === 'say') {
    const text = parseText(body['text'], textCharsMax)
    return text === undefined ? undefined : { kind, text }
  }
  const { offset, last } = body
  if (!isOffset(offset)) return undefined
  if (kind === 'read') return { kind, offset }
  if (last !== undefined && !(isOffset(last) && last > offset)) return undefined
  const target = last === undefined ? { offset } : { offset, last }
  if (kind === 'delete') return { kind, ...target }
  if (kind !== 'edit') return undefined
  const text = parseText(body['text'], textCharsMax)
  return text === undefined ? undefined : { kind, ...target, text }
}

/** Control characters but for the two that people type. */
const control = /[^\P{Cc}\n\t]/u

function parseText(value: Json | undefined, charsMax: number): string | undefined {
  if (typeof value !== 'string' || value.length > charsMax) return undefined
  const text = value.trim()
  return text === '' || control.test(text) || !isWellFormed(text) ? undefined : text
}

/** Half a surrogate pair cannot be stored as UTF-8, so it would come back as another text. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text)
}

function isFields(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isOffset(value: Json | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1
}
