import type { User } from 'rusher/client'
import { nameOf } from '../people.ts'

const scheme = 'user:'

/** The user that a link's address names; undefined when it names none. */
export function mentionedId(url: string): string | undefined {
  if (!url.startsWith(scheme)) return undefined
  try {
    return decodeURIComponent(url.slice(scheme.length)) || undefined
  } catch {
    return undefined
  }
}

/** A mention being typed: the `@` and the text after it. */
export interface MentionQuery {
  readonly start: number
  readonly typed: string
}

/** An `@` at the start or after a space, up to the caret. Names may have one space in them. */
const beforeCaret = /(?:^|[\s(])@([^\s@]{0,40}(?: [^\s@]{0,40})?)$/

/** What is being mentioned at the caret, if anything. */
export function mentionAt(text: string, caret: number): MentionQuery | undefined {
  const line = text.slice(Math.max(0, caret - 100), caret)
  const typed = beforeCaret.exec(line)?.[1]
  return typed === undefined ? undefined : { start: caret - typed.length - 1, typed }
}

/** People who are offered at once. */
const offeredMax = 6

/** Who may be meant by what was typed: those whose name, or a word of it, begins with it. */
export function matchPeople(people: readonly User[], typed: string): readonly User[] {
  const wanted = fold(typed)
  return people
    .filter((user) => {
      const name = fold(nameOf(user))
      return name.startsWith(wanted) || name.includes(` ${wanted}`)
    })
    .slice(0, offeredMax)
}

function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
}

/** Ids of those who were picked from the list, by name: one name can belong to several people. */
export type Picked = ReadonlyMap<string, string>

/** Code spans and blocks. An `@` in them is not a mention. */
const code = /(```[\s\S]*?(?:```|$)|`[^`\n]*`)/

/**
 * Puts an id to each `@Name`, as the link `[@Name](user:id)`, so that a mention still means the same
 * person when one of them changes their name.
 */
export function writeMentions(text: string, people: readonly User[], picked: Picked): string {
  const ids = idsByName(people, picked)
  if (ids.size === 0) return text
  const names = [...ids.keys()].sort((a, b) => b.length - a.length).map(escapePattern)
  const pattern = new RegExp(`(?<=^|[\\s(*_~"'])@(${names.join('|')})(?![\\p{L}\\p{N}_])`, 'gu')
  return text
    .split(code)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part.replace(pattern, (_, name: string) => mentionLink(name, ids.get(name) ?? '')),
    )
    .join('')
}

function mentionLink(name: string, id: string): string {
  const label = name.replace(/[\\[\]*_~`<>]/g, '\\$&')
  return `[@${label}](${scheme}${encodeURIComponent(id).replace(/[()*~'!]/g, escapeByte)})`
}

function escapeByte(char: string): string {
  return `%${char.charCodeAt(0).toString(16)}`
}

function idsByName(people: readonly User[], picked: Picked): ReadonlyMap<string, string> {
  const ids = new Map<string, string>()
  const ambiguous = new Set<string>()
  for (const user of people) {
    const name = nameOf(user)
    if (ids.has(name) && ids.get(name) !== user.id) ambiguous.add(name)
    ids.set(name, user.id)
  }
  // A name that was typed, not picked, and that two people have, is left as text.
  for (const name of ambiguous) ids.delete(name)
  for (const [name, id] of picked) ids.set(name, id)
  return ids
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

const mention = /\[@((?:\\.|[^\\\]\n]){1,200})\]\(user:([^\s()]{1,400})\)/g

/** The inverse of `writeMentions`, for an edit: the text as typed, and the users picked in it. */
export function readMentions(source: string): { readonly text: string; readonly picked: Picked } {
  const picked = new Map<string, string>()
  const text = source.replace(mention, (whole, label: string, url: string) => {
    const id = mentionedId(`${scheme}${url}`)
    if (id === undefined) return whole
    const name = label.replace(/\\(.)/g, '$1')
    picked.set(name, id)
    return `@${name}`
  })
  return { text, picked }
}

/** Who can be mentioned: who is online and who wrote here, each once, by name. */
export function mentionable(
  online: readonly User[],
  authors: readonly User[],
  myId: string,
): readonly User[] {
  // Who is online has their newest name.
  const byId = new Map([...authors, ...online].map((user) => [user.id, user]))
  byId.delete(myId)
  return [...byId.values()].sort((a, b) => nameOf(a).localeCompare(nameOf(b)))
}
