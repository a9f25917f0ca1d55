import type { HostFacts } from '../control/messages.ts'

/** Both ends included. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

/** What Linux uses unless it is told otherwise. */
export const linuxPortRange: PortRange = { first: 32_768, last: 60_999 }
/** RFC 6335, section 6: the dynamic ports; what macOS and Windows use. */
const dynamicPortRange: PortRange = { first: 49_152, last: 65_535 }
/** Twice as many as Linux gives, and still above the ports on which servers listen. */
export const wideRange: PortRange = { first: 20_000, last: 65_535 }

/** The ports out of which the kernel of a host chooses one for a connection that asks for none. */
export function portRangeOf({ sysctls, system }: HostFacts): PortRange {
  const found = /^(\d+)\s+(\d+)$/.exec(sysctls['net.ipv4.ip_local_port_range']?.trim() ?? '')
  if (found !== null) return { first: Number(found[1]), last: Number(found[2]) }
  return /linux/i.test(system) ? linuxPortRange : dynamicPortRange
}

/** Ranges as in `8080,9000-9010`, the form of net.ipv4.ip_local_reserved_ports. What is no range is left out. */
export function parsePortList(text: string): PortRange[] {
  return text.split(',').flatMap((part) => {
    const [, first, last = first] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part) ?? []
    return first === undefined ? [] : [{ first: Number(first), last: Number(last) }]
  })
}

/** In the same form, in order, and what touches joined. */
export function formatPortList(ranges: readonly PortRange[]): string {
  return joined(ranges)
    .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
    .join(',')
}

/** The parts of a range that are left when others are taken out of it, in order. */
export function without(range: PortRange, avoided: readonly PortRange[]): PortRange[] {
  const parts: PortRange[] = []
  let first = range.first
  for (const hole of joined(avoided)) {
    if (hole.last < first || hole.first > range.last) continue
    if (hole.first > first) parts.push({ first, last: hole.first - 1 })
    first = hole.last + 1
  }
  return first > range.last ? parts : [...parts, { first, last: range.last }]
}

export function sizeOf({ first, last }: PortRange): number {
  return last - first + 1
}

function joined(ranges: readonly PortRange[]): PortRange[] {
  const sorted = [...ranges].sort((a, b) => a.first - b.first)
  const found: PortRange[] = []
  for (const range of sorted) {
    const before = found.at(-1)
    if (before !== undefined && range.first <= before.last + 1)
      found[found.length - 1] = { first: before.first, last: Math.max(before.last, range.last) }
    else found.push(range)
  }
  return found
}

/** Where connections go: each distinct address and port. */
export function destinationsOf(urls: readonly string[]): string[] {
  return [
    ...new Set(
      urls.map((text) => {
        const { hostname, port, protocol } = new URL(text)
        return `${hostname}:${port || (protocol === 'wss:' ? '443' : '80')}`
      }),
    ),
  ]
}
