import type { Message } from './messages.ts'

/** What stands in the list, from top to bottom. */
export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'new'; readonly key: string }
  | { readonly kind: 'group'; readonly key: string; readonly messages: readonly Message[] }

/** Messages that came while nobody looked: those after one offset, up to another. */
export interface Unseen {
  readonly after: number
  readonly through: number
}

/** Messages of one author stand together when less than this is between them. */
const togetherMs = 5 * 60_000

/** Puts messages into groups by author and day, with a line before the first of another that was not seen. */
export function toRows(
  messages: readonly Message[],
  myId: string,
  unseen: Unseen | undefined,
): readonly Row[] {
  const rows: Row[] = []
  let group: Message[] = []
  let previous: Message | undefined
  // Who answered has seen what came before.
  const answered = messages.findLastIndex(({ author }) => author.id === myId)
  let lineDrawn = unseen === undefined
  for (const [index, message] of messages.entries()) {
    const startsDay = previous === undefined || dayOf(previous.at) !== dayOf(message.at)
    const isUnseen = !lineDrawn && index > answered && within(message.offset, unseen)
    if (startsDay) rows.push({ kind: 'day', key: `day ${message.key}`, at: message.at })
    if (isUnseen) rows.push({ kind: 'new', key: 'new' })
    if (startsDay || isUnseen || !standTogether(previous, message)) {
      group = []
      rows.push({ kind: 'group', key: message.key, messages: group })
    }
    lineDrawn ||= isUnseen
    group.push(message)
    previous = message
  }
  return rows
}

function within(offset: number | undefined, unseen: Unseen | undefined): boolean {
  if (offset === undefined || unseen === undefined) return false
  return offset > unseen.after && offset <= unseen.through
}

function standTogether(previous: Message | undefined, message: Message): boolean {
  return previous?.author.id === message.author.id && message.at - previous.at < togetherMs
}

function dayOf(at: number): string {
  return new Date(at).toDateString()
}
