import { isIP } from 'node:net'
import type { HostFacts } from '../control/messages.ts'
import type { Refused } from './host-entry.ts'

/** What stands at `src=` as addresses that the host has; names of network interfaces become all addresses of theirs. */
export function resolveSources(
  sources: readonly string[],
  { interfaces = {} }: Pick<HostFacts, 'interfaces'>,
): readonly string[] | Refused {
  const known = new Set(Object.values(interfaces).flat())
  const found: string[] = []
  for (const source of sources) {
    const isThere = isIP(source) === 0 ? Object.hasOwn(interfaces, source) : known.has(source)
    // All of 127.0.0.0/8 is there, though only 127.0.0.1 is listed (RFC 1122 section 3.2.1.3).
    if (!isThere && !source.startsWith('127.')) {
      const names = Object.entries(interfaces).map(([name, all]) => `${name} ${all.join(' ')}`)
      return { refused: `src=${source} is not there; it has ${names.join(', ')}` }
    }
    found.push(...(interfaces[source] ?? [source]))
  }
  return [...new Set(found)]
}
