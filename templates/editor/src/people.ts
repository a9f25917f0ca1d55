import type { User } from 'rusher/client'

/** Who uses this browser. */
export interface Me extends User {
  readonly id: string
  readonly name: string
}

export const nameCharsMax = 40
const storageKey = 'rusher-user'

/** Colours of cursors, in the order of the classes in tokens.css; dark enough for white letters. */
const cursorColours = [
  '#0c6a60',
  '#9a4a12',
  '#6a48a6',
  '#2860b4',
  '#a5316a',
  '#4c6812',
  '#855700',
  '#12687a',
  '#ae3c2b',
  '#545a72',
] as const

/** Loads the stored user; undefined on the first visit or when the stored value is invalid. */
export function loadMe(): Me | undefined {
  try {
    const { id, name } = JSON.parse(localStorage.getItem(storageKey) ?? '') as Partial<Me>
    return typeof id === 'string' && typeof name === 'string' ? { id, name } : undefined
  } catch {
    return undefined
  }
}

/** Keeps a name, under the same id for as long as this browser keeps it. */
export function saveMe(name: string): Me {
  const me = { id: loadMe()?.id ?? makeId(), name: name.trim().slice(0, nameCharsMax) }
  localStorage.setItem(storageKey, JSON.stringify(me))
  return me
}

/** Proposes a name to a new guest. */
export function suggestName(): string {
  const first = ['Quiet', 'Bright', 'Brave', 'Swift', 'Gentle', 'Merry', 'Lucky', 'Calm']
  const second = ['Otter', 'Heron', 'Maple', 'Comet', 'Robin', 'Willow', 'Lynx', 'Harbour']
  return `${pick(first)} ${pick(second)}`
}

/** What to call someone: what they call themselves, or something neutral. */
export function nameOf(user: User): string {
  const name = user.name?.trim() ?? ''
  return name === '' ? 'Someone' : name
}

/** Up to two letters for an avatar. */
export function initialsOf(user: User): string {
  const words = nameOf(user).split(/\s+/)
  const last = words.length > 1 ? words.at(-1) : undefined
  return [words[0], last]
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase()
}

/** The class that colours someone: always the same for the same id, and always one of ours. */
export function colourClass(user: User): string {
  return `colour-${colourIndex(user)}`
}

/** The colour of someone's cursor, as six hex digits. */
export function cursorColour(user: User): string {
  return cursorColours[colourIndex(user)] ?? cursorColours[0]
}

function colourIndex(user: User): number {
  return hashOf(user.id) % cursorColours.length
}

/** A number of 32 bits that is always the same for an id. */
export function hashOf(id: string): number {
  // FNV-1a: spreads ids that are alike.
  let hash = 0x811c9dc5
  for (const char of id) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return hash
}

/** `crypto.randomUUID` is missing on plain http, where a phone on the same network would try this first. */
function makeId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}

function pick(words: readonly string[]): string {
  return words[Math.floor(Math.random() * words.length)] ?? ''
}
