import { Awareness } from 'y-protocols/awareness'

type State = Readonly<Record<string, unknown>>

/** Awareness that hides remote states, or parts of them, that would crash an editor. */
export class PageAwareness extends Awareness {
  readonly #sound = new WeakMap<object, State>()

  override getStates(): Map<number, Record<string, unknown>> {
    const states = new Map<number, Record<string, unknown>>()
    for (const [client, state] of super.getStates()) {
      if (typeof state !== 'object' || state === null) continue
      const sound = this.#sound.get(state) ?? soundState(state)
      this.#sound.set(state, sound)
      states.set(client, sound)
    }
    return states
  }
}

/**
 * Reduces a remote state to a user with string fields and a cursor with two valid positions, if
 * any.
 */
export function soundState({ user, cursor }: State): State {
  return {
    user: soundUser(user),
    cursor: isCursor(cursor) ? cursor : null,
  }
}

function soundUser(user: unknown): State {
  const { id, name, color } = (typeof user === 'object' && user !== null ? user : {}) as State
  return {
    ...(typeof id === 'string' ? { id: id.slice(0, 256) } : {}),
    name: typeof name === 'string' && name.trim() !== '' ? name.slice(0, 40) : 'Someone',
    color: typeof color === 'string' && /^#[0-9a-f]{6}$/i.test(color) ? color : '#545a72',
  }
}

function isCursor(cursor: unknown): boolean {
  if (typeof cursor !== 'object' || cursor === null) return false
  const { anchor, head } = cursor as State
  return isPosition(anchor) && isPosition(head)
}

/** Whether this is a Yjs relative position as JSON: in a type, in a root, or beside an item. */
function isPosition(position: unknown): boolean {
  if (typeof position !== 'object' || position === null) return false
  const { type = null, tname = null, item = null, assoc = 0 } = position as State
  const isRoot = tname === null || tname === 'default'
  const isSomewhere = type !== null || tname !== null || item !== null
  return isId(type) && isId(item) && isRoot && isSomewhere && typeof assoc === 'number'
}

function isId(id: unknown): boolean {
  if (id === null) return true
  if (typeof id !== 'object') return false
  const { client, clock } = id as State
  return Number.isSafeInteger(client) && Number.isSafeInteger(clock) && Number(clock) >= 0
}
