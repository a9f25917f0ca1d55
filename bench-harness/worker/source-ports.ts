import type { Share } from '../control/messages.ts'
import type { Destination, Source } from './endpoints.ts'

/** Hands out addresses and ports to bind. */
export interface SourcePorts {
  next(destination: Destination): Source | undefined
  /** A socket that was bound to it is closed. */
  release(destination: Destination, source: Source): void
  /** For the destination that has the fewest left; absent where the kernel chooses. */
  readonly left: number | undefined
}

interface Given {
  /** How many were ever given out. */
  count: number
  /** Given back; the one that was so longest ago is given first. */
  readonly free: Source[]
}

/**
 * Binding an address alone makes the kernel give a port to one destination only; binding address and port lets every destination have all of
 * them. So with a range each destination goes through it by itself, address by address, and then through what was given back. When nothing is
 * left the kernel is asked for a port, and says that there is none.
 */
export function createSourcePorts({
  sources,
  ports,
}: Pick<Share, 'sources' | 'ports'>): SourcePorts {
  const given = new Map<Destination, Given>()
  const [first, last] = ports ?? [0, -1]
  const span = last - first + 1
  const capacity = span * sources.length

  function givenTo(destination: Destination): Given {
    const known = given.get(destination) ?? { count: 0, free: [] }
    given.set(destination, known)
    return known
  }

  return {
    get left() {
      if (span <= 0) return undefined
      const taken = [...given.values()].map(({ count, free }) => count - free.length)
      return capacity - Math.max(0, ...taken)
    },
    next(destination) {
      if (sources.length === 0) return undefined
      const known = givenTo(destination)
      if (span > 0 && known.count >= capacity) {
        const again = known.free.shift()
        const [localAddress] = sources
        return again ?? (localAddress === undefined ? undefined : { localAddress })
      }
      const no = known.count
      known.count += 1
      const localAddress = sources[span > 0 ? Math.floor(no / span) : no % sources.length]
      if (localAddress === undefined) return undefined
      return span > 0 ? { localAddress, localPort: first + (no % span) } : { localAddress }
    },
    release(destination, source) {
      if (source.localPort !== undefined) givenTo(destination).free.push(source)
    },
  }
}
