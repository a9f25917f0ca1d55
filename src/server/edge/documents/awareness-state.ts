import type { Identity } from '../../auth/auth.ts'
import { cursorEnds, isEditorCursor } from '../../link/editor-cursor.ts'

/*
 * What an awareness state may contain. Every client of the document receives it, and editors use
 * some fields without validation: y-prosemirror throws on an invalid cursor, y-codemirror and
 * y-monaco on an incomplete one, and all of them put the color into a style. The rules:
 *
 *   user                 An object. The server sets id and name. A name is cut at 256 characters; a
 *                        name chosen by an authenticated user without one is shown with the id.
 *                        color, colorLight: a CSS color. Other fields are kept.
 *   cursor, selection    An object with anchor, head or focus belongs to an editor: each must be a
 *                        Yjs relative position, and missing keys are added. Other shapes (a number,
 *                        {x, y}) belong to other programs. They are kept, except from readers; a
 *                        cursor also not in the document of an editor (see cursor-guard.ts).
 *   anchorPos, focusPos  Lexical: a relative position or null.
 *   name, color          Lexical: as in user.
 *   any other field      Kept, except from readers.
 *
 * Invalid fields are dropped; the rest of the state is forwarded.
 */

/** The sender of a state and the limits of the state. */
export interface StateRules {
  readonly identity: Identity
  /** False for a reader, who may only send a cursor and a user. */
  readonly mayWrite: boolean
  /** UTF-8 bytes of the state's JSON. */
  readonly bytesMax: number
  /** Nesting of objects and arrays. */
  readonly depthMax: number
}

export type StateFault = 'too large' | 'too deep' | 'not an object'

/** The state to forward as JSON text (`null`: the client left), or why it is rejected. */
export type SignedState =
  | {
      readonly state: string
      /** Whether its `cursor` does not have the shape of an editor's cursor. */
      readonly otherCursor?: true
    }
  | { readonly fault: StateFault }

type Fields = Readonly<Record<string, unknown>>

const nameCharsMax = 256
/** Fields that a reader may send. */
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
 * Validates the state of a client and sets the authenticated user in it, so that a client cannot
 * pose as another. Never throws.
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

/** Sets the authenticated user. */
function signUser(state: Record<string, unknown>, identity: Identity): void {
  const said = state['user'] as Fields | undefined
  const { id } = identity.user
  state['user'] = { ...said, nameChosen: undefined, id, ...shownName(said?.['name'], identity) }
  if (state['name'] !== undefined) Object.assign(state, shownName(state['name'], identity))
}

/**
 * The display name. When users are authenticated, a name chosen by the client is shown with the id,
 * so that it cannot pose as another user. Undefined is omitted from the JSON.
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

/** The validated value of one field; undefined drops it. */
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

/** A CSS color. Editors put it into a style attribute, where other text could inject rules. */
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
 * A Yjs relative position completed to all four keys, or undefined when invalid. y-codemirror and
 * y-monaco pass it to Yjs unchecked, and Yjs misreads a missing key as a position.
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

/** Whether objects and arrays are nested deeper than this. Recursion stops at the limit. */
function isDeeper(value: unknown, depthMax: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depthMax === 0) return true
  return Object.values(value).some((inner) => isDeeper(inner, depthMax - 1))
}

/** Parses JSON; undefined when it is malformed. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
