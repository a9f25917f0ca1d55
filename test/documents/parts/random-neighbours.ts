import * as Y from 'yjs'
import { checkUpdate, loadCopy } from '../../../src/server/core/yjs/check-update.ts'
import { seeded } from '../../tools/seeded.ts'
import { sessionLimits } from './random-session.ts'

/** What came of a document whose items name any neighbours that are there. */
export interface NeighbourReport {
  readonly accepted: number
  readonly refused: number
  /** Ways of putting it together that give another order. */
  readonly differing: readonly string[]
}

type Id = readonly [client: number, clock: number]

/**
 * Writes items between any two neighbours, as no client does, and has the document put together in
 * several ways.
 */
export function writeAnywhere(seed: number, items: number): NeighbourReport {
  const random = seeded(seed)
  const log: Uint8Array[] = []
  const clocks = new Map<number, number>()
  let copy = load(log)
  let refused = 0
  const anyId = (): Id | undefined => {
    const ids = [...clocks].flatMap(([client, clock]) =>
      Array.from({ length: clock }, (_, at): Id => [client, at]),
    )
    return random(4) === 0 ? undefined : ids[random(ids.length)]
  }
  for (let left = items; left > 0; left -= 1) {
    const client = 1 + random(4)
    const clock = clocks.get(client) ?? 0
    const origin: Id | undefined = clock > 0 && random(3) === 0 ? [client, clock - 1] : anyId()
    const text = 'abc'.slice(0, 1 + random(3))
    const update = itemUpdate([client, clock], { origin, rightOrigin: anyId(), text })
    const request = { update, userId: 'mallory', write: true, growthBytesMax: 1e6 }
    const { checked, spoilt } = checkUpdate(copy, request, sessionLimits)
    if (spoilt) copy = load(log)
    if (checked.kind !== 'new') refused += 1
    else {
      clocks.set(client, clock + text.length)
      log.push(checked.delta)
    }
  }
  const order = orderOf(copy.doc)
  const encoded = [Y.encodeStateAsUpdate(copy.doc)]
  const ways = {
    'its log': log,
    'its log in one': log.length > 0 ? [Y.mergeUpdates(log)] : log,
    'its encoding': encoded,
    'the encoding of that': [Y.encodeStateAsUpdate(load(encoded).doc)],
  }
  const differing = Object.entries(ways)
    .filter(([, updates]) => orderOf(load(updates).doc) !== order)
    .map(([way]) => `seed ${seed}: ${way} has another order`)
  return { accepted: log.length, refused, differing }
}

function load(parts: readonly Uint8Array[]): ReturnType<typeof loadCopy> {
  return loadCopy({ owners: new Map(), parts, updates: [] })
}

function orderOf(doc: Y.Doc): string {
  const order: string[] = []
  for (let item = doc.getText('t')._start; item !== null; item = item.right) {
    for (let at = 0; at < item.length; at += 1)
      order.push(`${item.id.client}:${item.id.clock + at}`)
  }
  return order.join(' ')
}

/** An update of one item of text. All numbers are below 128, and so one byte. */
function itemUpdate(
  id: Id,
  {
    origin,
    rightOrigin,
    text,
  }: {
    readonly origin: Id | undefined
    readonly rightOrigin: Id | undefined
    readonly text: string
  },
): Uint8Array {
  const info = 4 | (origin === undefined ? 0 : 0x80) | (rightOrigin === undefined ? 0 : 0x40)
  const root = origin === undefined && rightOrigin === undefined ? [1, 1, 0x74] : []
  const place = [...(origin ?? []), ...(rightOrigin ?? []), ...root]
  return Uint8Array.from([1, 1, ...id, info, ...place, text.length, ...Buffer.from(text), 0])
}
