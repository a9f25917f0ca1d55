import type { Share } from '../control/messages.ts'
import type { Destination } from './connection.ts'

export interface Source {
  readonly localAddress: string
  readonly localPort?: number
}

/** Hands out addresses and ports to bind. */
export interface SourcePorts {
  next(destination: Destination): Source | undefined
  /** For the destination that has the fewest left; absent where the kernel chooses. */
  readonly left: number | undefined
}

/**
 * Binding an address alone makes the kernel give a port to one destination only; binding address and port lets every destination have all of
 * them. So with a range each destination goes through it by itself, address by address.
 */
export function createSourcePorts({
  sources,
  ports,
}: Pick<Share, 'sources' | 'ports'>): SourcePorts {
  const taken = new Map<Destination, number>()
  const [first, last] = ports ?? [0, -1]
  const span = last - first + 1
  const capacity = span * sources.length
  return {
    get left() {
      return span > 0 ? capacity - Math.max(0, ...taken.values()) : undefined
    },
    next(destination) {
      if (sources.length === 0) return undefined
      const no = taken.get(destination) ?? 0
      taken.set(destination, no + 1)
      const localAddress =
        sources[span > 0 ? Math.floor(no / span) % sources.length : no % sources.length]
      if (localAddress === undefined) return undefined
      return span > 0 ? { localAddress, localPort: first + (no % span) } : { localAddress }
    },
  }
}
