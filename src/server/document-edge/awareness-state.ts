import type { Identity } from '../auth/auth.ts'
import { cursorEnds, isEditorCursor } from '../link/editor-cursor.ts'

/*
 * What a client may say of itself. Every page in the document reads it, and editors read some fields without looking:
 * y-prosemirror throws on a cursor that is no position, y-codemirror and y-monaco on half of one, and all of them put the
 * colour into a style. The rule:
 *
 *   user                          an object; the server sets id and name. name: text, cut at 256 characters; where users are
 *                                 known and this one has no name, it stands beside the id.
 *                                 color, colorLight: a CSS colour. Anything else in it stays.
 *   cursor, selection             an object with anchor, head or focus is an editor's: each must be a relative position of
 *                                 Yjs, and is completed to all of its four keys. Other shapes (a number, {x, y}) are other
 *                                 programs' and stay, but not from readers; and not a cursor in an editor's document, which
 *                                 the core knows (cursor-guard.ts).
 *   anchorPos, focusPos           Lexical's: a relative position, or null
 *   name, color                   Lexical's: as in user
 *   any other field               stays, but not from readers
 *
 * A field that does not fit is left out; the rest of the state is told.
 */

/** Who says something of itself, and how much of it there may be. */
export interface StateRules {
  readonly identity: Identity
  /** False: a reader, who may say where it is and nothing else. */
  readonly mayWrite: boolean
  /** UTF-8 bytes of the state's JSON. */
  readonly bytesMax: number
  /** Nesting of objects and arrays. */
  readonly depthMax: number
}

export type StateFault = 'too large' | 'too deep' | 'not an object'

/** A state as the others get it (JSON text; `null`: it is gone), or why nobody does. */
export type SignedState =
  | {
      readonly state: string
      /** Its `cursor` is of a shape that is no editor's. */
      readonly otherCursor?: true
    }
  | { readonly fault: StateFault }

type Fields = Readonly<Record<string, unknown>>

const nameCharsMax = 256
/** Fields of which a reader may say something. */
const readersFields: ReadonlySet<string> = new Set([
  'user',
  'cursor',
  'selection',
  'anchorPos',
  'focusPos',
  'focusing',
  'name',
  'color',
])
const color =
  /^(#[0-9a-f]{3,8}|[a-z]{1,32}|(rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\([\w\s.,%/+-]{1,64}\)|var\(--[\w-]{1,64}\))$/i

/**
 * Checks the state of a client, and puts the name into it that the server knows: nobody shows another's. Never throws,
 * whatever the text is.
 */
export function signState(text: string, rules: StateRules): SignedState {
  if (text.length > rules.bytesMax || Buffer.byteLength(text) > rules.bytesMax) {
    return { fault: 'too large' }
  }
  const parsed = parse(text)
  if (parsed === null) return { state: 'null' }
  if (!isFields(parsed)) return { fault: 'not an object' }
  if (isDeeper(parsed, rules.depthMax)) return { fault: 'too deep' }
  const state: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(parsed)) {
    const kept = keep(name, value, rules.mayWrite)
    if (kept !== undefined && name !== '__proto__') state[name] = kept
  }
  const { identity } = rules
  if (identity.anonymous !== true || identity.selfDeclared !== true) signUser(state, identity)
  const { cursor = null } = state
  return {
    state: JSON.stringify(state),
    ...(cursor === null || isEditorCursor(cursor) ? {} : { otherCursor: true }),
  }
}

/** Puts in who the server knows it to be. */
function signUser(state: Record<string, unknown>, identity: Identity): void {
  const said = state['user'] as Fields | undefined
  const { id } = identity.user
  state['user'] = { ...said, nameChosen: undefined, id, ...shownName(said?.['name'], identity) }
  if (state['name'] !== undefined) Object.assign(state, shownName(state['name'], identity))
}

/**
 * The name that others see. One that the client chose, where users are known, stands beside the id,
 * so that nobody passes for another. JSON leaves out what is undefined.
 */
function shownName(
  chosen: unknown,
  { user, selfDeclared }: Identity,
): { readonly name?: string | undefined; readonly nameChosen?: true } {
  if (user.name !== undefined) return { name: user.name }
  if (selfDeclared === true) return {}
  if (typeof chosen !== 'string' || chosen === '') return { name: undefined }
  return { name: `${chosen} (${user.id})`, nameChosen: true }
}

/** What is told of one field; undefined for nothing. */
function keep(name: string, value: unknown, mayWrite: boolean): unknown {
  if (!mayWrite && !readersFields.has(name)) return undefined
  switch (name) {
    case 'user':
      return isFields(value) ? userOf(value, mayWrite) : undefined
    case 'cursor':
    case 'selection':
      return placeOf(value, mayWrite)
    case 'anchorPos':
    case 'focusPos':
      return value === null ? null : positionOf(value)
    case 'focusing':
      return mayWrite || typeof value === 'boolean' ? value : undefined
    case 'name':
      return typeof value === 'string' ? value.slice(0, nameCharsMax) : undefined
    case 'color':
      return colorOf(value, mayWrite)
    default:
      return value
  }
}

function userOf(said: Fields, mayWrite: boolean): Fields {
  const user: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(said)) {
    const kept = userField(name, value, mayWrite)
    if (kept !== undefined && name !== '__proto__') user[name] = kept
  }
  return user
}

function userField(name: string, value: unknown, mayWrite: boolean): unknown {
  switch (name) {
    case 'name':
      return typeof value === 'string' ? value.slice(0, nameCharsMax) : undefined
    case 'color':
    case 'colorLight':
      return colorOf(value, false)
    default:
      return mayWrite || typeof value !== 'object' ? value : undefined
  }
}

/** A colour goes into a style, where anything else could end it and begin another. */
function colorOf(value: unknown, mayBeOther: boolean): unknown {
  if (typeof value === 'string') return color.test(value) ? value : undefined
  return mayBeOther ? value : undefined
}

function placeOf(value: unknown, mayWrite: boolean): unknown {
  if (value === null) return null
  if (!isFields(value) || !isEditorCursor(value)) return mayWrite ? value : undefined
  const place: Record<string, unknown> = mayWrite ? { ...value } : {}
  for (const end of cursorEnds) {
    if (!Object.hasOwn(value, end)) continue
    place[end] = positionOf(value[end])
    if (place[end] === undefined) return undefined
  }
  return place
}

/**
 * A relative position as Yjs writes it, with all of its keys: y-codemirror and y-monaco hand it to Yjs as it comes, which
 * takes a missing key for a place. Undefined for anything else.
 */
function positionOf(value: unknown): Fields | undefined {
  if (!isFields(value)) return undefined
  const { type = null, tname = null, item = null, assoc = 0 } = value
  if (type === null && tname === null && item === null) return undefined
  if (!isIdOrNull(type) || !isIdOrNull(item)) return undefined
  if (tname !== null && (typeof tname !== 'string' || tname.length > nameCharsMax)) return undefined
  if (assoc !== null && !Number.isSafeInteger(assoc)) return undefined
  return { type, tname, item, assoc: assoc ?? 0 }
}

function isIdOrNull(value: unknown): boolean {
  if (value === null) return true
  return isFields(value) && isCount(value['client']) && isCount(value['clock'])
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether objects and arrays are nested deeper than this. Recursion ends there. */
function isDeeper(value: unknown, depthMax: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depthMax === 0) return true
  return Object.values(value).some((inner) => isDeeper(inner, depthMax - 1))
}

/** Undefined for what is no JSON: `JSON.parse` has no other way to say so. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
