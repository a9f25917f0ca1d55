import type { Json } from '../../../protocol/index.ts'
import type { App, AppEvent, Context, Decision, Member, Retention } from '../app.ts'

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
  | {
      readonly kind: 'say'
      readonly text: string
      /** The offset of the message that this one answers. */
      readonly replyTo?: number
    }
  | {
      readonly kind: 'edit'
      readonly offset: number
      readonly last?: number
      readonly text: string
    }
  | { readonly kind: 'delete'; readonly offset: number; readonly last?: number }
  | {
      readonly kind: 'react'
      readonly offset: number
      /** One emoji, as Unicode Technical Standard 51 recommends them for interchange. */
      readonly emoji: string
      /** False takes the reaction back. */
      readonly on: boolean
    }
  | { readonly kind: 'typing'; readonly on: boolean }
  | { readonly kind: 'read'; readonly offset: number }

/**
 * A chat: messages with replies, edits, deletions and reactions, who is typing, and how far each
 * user has read.
 */
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

type Say = Extract<ChatCommand, { kind: 'say' }>
type Reaction = Extract<ChatCommand, { kind: 'react' }>
type Change = Extract<ChatCommand, { kind: 'edit' | 'delete' }>

function decideChat(command: ChatCommand, member: Member, context: Context): Decision {
  switch (command.kind) {
    case 'say':
      return decideSay(command, context)
    case 'react':
      return decideReaction(command, context)
    case 'typing':
      return { kind: 'publish', body: { kind: 'typing', on: command.on }, keep: 'never' }
    case 'read':
      return decideRead(command.offset, member, context)
    default:
      return decideChange(command, member, context)
  }
}

/**
 * Whether the message that is answered is still there does not matter: who reads the answer sees
 * whether it is.
 */
function decideSay({ text, replyTo }: Say, { head }: Context): Decision {
  if (replyTo === undefined) return { kind: 'publish', body: { kind: 'say', text }, keep: 'log' }
  if (replyTo > head) return beyondEnd(head)
  return { kind: 'publish', body: { kind: 'say', text, replyTo }, keep: 'log' }
}

/** The last reaction of a user with an emoji counts, so one that is repeated changes nothing. */
function decideReaction({ offset, emoji, on }: Reaction, { head }: Context): Decision {
  if (offset > head) return beyondEnd(head)
  return { kind: 'publish', body: { kind: 'react', offset, emoji, on }, keep: 'log' }
}

function beyondEnd(head: number): Decision {
  return { kind: 'reject', code: 'NOT_FOUND', message: `the log ends at offset ${head}` }
}

/** A marker only goes forward: a page in the background may tell an older one later. */
function decideRead(offset: number, { user }: Member, { head }: Context): Decision {
  if (offset > head) return beyondEnd(head)
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
  const kept = keptOf(holder, offset)
  if (kept === undefined) {
    return { kind: 'reject', code: 'DENIED', message: 'only a message can be changed' }
  }
  const body: Json =
    kind === 'edit' ? { kind, offset, text: command.text, ...kept } : { kind, offset }
  return { kind: 'publish', body, keep: 'log', erase }
}

function holderOf({ offset, last }: Change): number {
  return last ?? offset
}

/**
 * What an edit carries for those who read the log later, since the erased event takes it along:
 * when the message at `offset` was said, and what it answers. Undefined when `holder` does not hold
 * its text.
 */
function keptOf(
  holder: AppEvent,
  offset: number,
): { readonly saidAt: number; readonly replyTo?: number } | undefined {
  if (!isFields(holder.body)) return undefined
  const { kind, offset: edited, replyTo } = holder.body
  const isHolder = kind === 'say' ? holder.offset === offset : kind === 'edit' && edited === offset
  const saidAt = kind === 'say' ? holder.at : holder.body['saidAt']
  if (!isHolder || typeof saidAt !== 'number') return undefined
  return { saidAt, ...(isOffset(replyTo) && { replyTo }) }
}

function parseChatCommand(body: Json, textCharsMax: number): ChatCommand | undefined {
  if (!isFields(body)) return undefined
  const { kind, on } = body
  if (kind === 'typing') return typeof on === 'boolean' ? { kind, on } : undefined
  if (kind === 'say') return parseSay(body, textCharsMax)
  const { offset, last } = body
  if (!isOffset(offset)) return undefined
  if (kind === 'read') return { kind, offset }
  if (kind === 'react') {
    const { emoji } = body
    return isEmoji(emoji) && typeof on === 'boolean' ? { kind, offset, emoji, on } : undefined
  }
  if (last !== undefined && !(isOffset(last) && last > offset)) return undefined
  const target = last === undefined ? { offset } : { offset, last }
  if (kind === 'delete') return { kind, ...target }
  if (kind !== 'edit') return undefined
  const text = parseText(body['text'], textCharsMax)
  return text === undefined ? undefined : { kind, ...target, text }
}

function parseSay(body: { readonly [key: string]: Json }, charsMax: number): Say | undefined {
  const text = parseText(body['text'], charsMax)
  const { replyTo } = body
  if (text === undefined || !(replyTo === undefined || isOffset(replyTo))) return undefined
  return { kind: 'say', text, ...(replyTo !== undefined && { replyTo }) }
}

const oneEmoji = /^\p{RGI_Emoji}$/v

function isEmoji(value: Json | undefined): value is string {
  return typeof value === 'string' && value.length <= 64 && oneEmoji.test(value)
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
