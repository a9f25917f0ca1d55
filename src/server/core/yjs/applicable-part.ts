import { createEncoder, toUint8Array, writeUint8Array, writeVarUint } from 'lib0/encoding'
import * as Y from 'yjs'
import type { SetAside } from './document-engine.ts'
import { encodeDeletes } from './editor-schema.ts'
import type { ScannedDelete } from './scan-update.ts'

type Struct = ReturnType<typeof Y.decodeUpdate>['structs'][number]
type Lacking = SetAside['lacks']

/**
 * An update split in two: the part that can be applied now, and the part with missing dependencies.
 */
export interface Parted {
  readonly sound: Uint8Array
  readonly aside: SetAside
}

/**
 * Splits an update that passed the scanner. A client can hold items whose dependencies it never
 * received; its editor does not show these, and the rest is valid. Linear in the update. Undefined
 * if the whole update can be applied.
 */
export function partUpdate(doc: Y.Doc, update: Uint8Array): Parted | undefined {
  const { structs, ds } = Y.decodeUpdate(update)
  const lines = new Lines(doc, structs)
  const lacking = lines.advance()
  const sound: ScannedDelete[] = []
  const aside: ScannedDelete[] = []
  let lacks = lacking
  for (const [client, ranges] of ds.clients) {
    const end = lines.endOf(client)
    for (const { clock, len } of ranges) {
      const there = Math.max(0, Math.min(len, end - clock))
      if (there > 0) sound.push({ client, clock, length: there })
      if (there === len) continue
      aside.push({ client, clock: clock + there, length: len - there })
      lacks ??= { client, clock: clock + len - 1 }
    }
  }
  if (lacks === undefined) return undefined
  return {
    sound: encodeUpdate(lines.passed(), sound),
    aside: { update: encodeUpdate(lines.left(), aside), lacks },
  }
}

/** The structs of each client in an update, and up to which clock they can be applied. */
class Lines {
  readonly #store: Y.Doc['store']
  readonly #lines: ReadonlyMap<number, readonly Struct[]>
  readonly #next = new Map<number, number>()
  readonly #ends = new Map<number, number>()
  /** Clients whose next struct depends on another client, keyed by that client. */
  readonly #waiting = new Map<number, { readonly client: number; readonly clock: number }[]>()

  /** Remaining steps. A legitimate update needs few; when none are left, the rest waits. */
  #steps: number

  constructor({ store }: Y.Doc, structs: readonly Struct[]) {
    this.#store = store
    this.#steps = 10_000 + 16 * structs.length
    this.#lines = Map.groupBy(structs, ({ id }) => id.client)
  }

  /** The clock up to which a client's structs are present, including the applied ones. */
  endOf(client: number): number {
    return this.#ends.get(client) ?? Y.getState(this.#store, client)
  }

  /** Advances as far as possible; returns a missing dependency unless it reached the end. */
  advance(): Lacking | undefined {
    const ready = [...this.#lines.keys()]
    const missing = new Map<number, Lacking>()
    for (let client = ready.pop(); client !== undefined; client = ready.pop()) {
      if (this.#steps <= 0) return { client, clock: this.endOf(client) }
      const lacking = this.#advanceOne(client)
      if (lacking === undefined) missing.delete(client)
      else {
        missing.set(client, lacking)
        const waiters = this.#waiting.get(lacking.client) ?? []
        if (lacking.client !== client) waiters.push({ client, clock: lacking.clock })
        this.#waiting.set(lacking.client, waiters)
      }
      const end = this.endOf(client)
      const waiters = this.#waiting.get(client) ?? []
      this.#steps -= 1 + waiters.length
      const [woken, left] = [
        waiters.filter(({ clock }) => clock < end),
        waiters.filter(({ clock }) => clock >= end),
      ]
      this.#waiting.set(client, left)
      for (const waiter of woken) ready.push(waiter.client)
    }
    return missing.values().next().value
  }

  #advanceOne(client: number): Lacking | undefined {
    const line = this.#lines.get(client) ?? []
    let next = this.#next.get(client) ?? 0
    let lacking: Lacking | undefined
    for (; next < line.length; next += 1) {
      const struct = line[next]
      if (struct === undefined) break
      lacking = this.#lackingOf(struct)
      if (lacking !== undefined) break
      const end = struct.id.clock + struct.length
      if (!(struct instanceof Y.Skip) && end > this.endOf(client)) this.#ends.set(client, end)
    }
    this.#next.set(client, next)
    return lacking
  }

  #lackingOf(struct: Struct): Lacking | undefined {
    const { client, clock } = struct.id
    const end = this.endOf(client)
    if (struct instanceof Y.Skip) {
      return clock + struct.length > end ? { client, clock: end } : undefined
    }
    if (clock > end) return { client, clock: end }
    if (!(struct instanceof Y.Item)) return undefined
    // Decoded without its document, a parent is the name of a root or an id.
    const parent = struct.parent instanceof Y.ID ? struct.parent : null
    for (const id of [struct.origin, struct.rightOrigin, parent]) {
      if (id !== null && id.clock >= this.endOf(id.client)) return id
    }
    return undefined
  }

  passed(): readonly (readonly Struct[])[] {
    return this.#parts((line, next) => line.slice(0, next))
  }

  left(): readonly (readonly Struct[])[] {
    return this.#parts((line, next) => line.slice(next))
  }

  #parts(
    part: (line: readonly Struct[], next: number) => readonly Struct[],
  ): readonly (readonly Struct[])[] {
    return [...this.#lines]
      .toSorted(([a], [b]) => b - a)
      .map(([client, line]) => fromFirst(part(line, this.#next.get(client) ?? 0)))
      .filter((line) => line.length > 0)
  }
}

/** Without what is passed over at the beginning. */
function fromFirst(line: readonly Struct[]): readonly Struct[] {
  const first = line.findIndex((struct) => !(struct instanceof Y.Skip))
  return first < 0 ? [] : line.slice(first)
}

/** Encodes structs of each client, one after another without a gap, and a delete set. */
function encodeUpdate(
  lines: readonly (readonly Struct[])[],
  deletes: readonly ScannedDelete[],
): Uint8Array {
  const encoder = createEncoder()
  writeVarUint(encoder, lines.length)
  for (const line of lines) {
    const id = line[0]?.id
    if (id === undefined) continue
    writeVarUint(encoder, line.length)
    writeVarUint(encoder, id.client)
    writeVarUint(encoder, id.clock)
    const structs = new Y.UpdateEncoderV1()
    for (const struct of line) struct.write(structs, 0)
    writeUint8Array(encoder, structs.toUint8Array())
  }
  writeUint8Array(encoder, encodeDeletes(deletes))
  return toUint8Array(encoder)
}
