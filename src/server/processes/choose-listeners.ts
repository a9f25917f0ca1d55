import type { LoadLevel } from '../link/link.ts'

/** An edge as it is chosen to listen or not. */
export interface Standing {
  /** It was told to listen. */
  readonly told: boolean
  /** It does. */
  readonly listens: boolean
  readonly fullness: LoadLevel
}

/**
 * Which edges shall begin to listen, and which leave it to them, so that `listenersMax` that have room do. Others begin when one is filling,
 * and it stops when it is nearly full and they listen. Only when all are nearly full do all listen.
 *
 * More edges than processors are there for their descriptors. Were all of them to listen from the start, each would be woken for every
 * so many-th connection and have nothing of it in a processor's caches. See docs/decisions/0015.
 */
export function chooseListeners<Edge extends Standing>(
  edges: readonly Edge[],
  listenersMax: number,
): { readonly open: readonly Edge[]; readonly rest: readonly Edge[] } {
  const usable = edges.filter(({ fullness }) => fullness !== 'nearly-full')
  if (usable.length === 0) return { open: edges.filter(({ told }) => !told), rest: [] }
  const roomy = usable.filter(({ fullness }) => fullness === 'room')
  const fresh = untold(roomy, listenersMax)
  const open = fresh.length > 0 ? fresh : untold(usable, listenersMax)
  // Only those that listen already are relied upon.
  const isEnough =
    usable.filter(({ listens }) => listens).length >= Math.min(listenersMax, usable.length)
  const isToRest = ({ told, fullness }: Edge): boolean => told && fullness === 'nearly-full'
  return { open, rest: isEnough ? edges.filter(isToRest) : [] }
}

/** As many that were not told to listen as are wanted beside those that were. */
function untold<Edge extends Standing>(edges: readonly Edge[], wanted: number): readonly Edge[] {
  const lacking = wanted - edges.filter(({ told }) => told).length
  return edges.filter(({ told }) => !told).slice(0, Math.max(0, lacking))
}
