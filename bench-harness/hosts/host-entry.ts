import { isIP, isIPv4 } from 'node:net'

/** A line of hosts.txt. */
export interface HostEntry {
  readonly line: number
  /** Its label, or what stands in the file: as it is called in everything that is shown. */
  readonly name: string
  /** Absent: this machine, without ssh. */
  readonly ssh?: SshDestination
  readonly workers?: number
  /** Most connections that it is to hold. */
  readonly max?: number
  /** What connections may come from: addresses, or names of network interfaces there. */
  readonly sources: readonly string[]
  /** Its share of the connections, beside the others'. */
  readonly weight: number
  /** The Node to use there. */
  readonly node?: string
  /** Where the worker's program is kept there; absent: the user's cache folder. */
  readonly folder?: string
}

/** In parts, so that nothing is put together to a text that something else takes apart again. */
export interface SshDestination {
  readonly user?: string
  readonly host: string
  readonly port?: number
  /** As `ssh -J` takes it. */
  readonly jump?: string
}

const userShape = /^[A-Za-z0-9_][\w.-]*$/
const nameShape = /^[A-Za-z0-9_](?:[\w.-]*[\w])?$/

/** What keeps a text from being a destination; never thrown out of this folder's parsers. */
export type Refused = { readonly refused: string }

/** Reads `[user@]host[:port]`, with an IPv6 address in brackets, or the same behind `ssh://`. */
export function parseDestination(text: string): SshDestination | Refused {
  if (text.startsWith('-')) return { refused: 'a host cannot begin with "-"' }
  const bare = /^ssh:\/\//i.test(text) ? text.slice(6).replace(/\/$/, '') : text
  const at = bare.lastIndexOf('@')
  const user = at < 0 ? undefined : bare.slice(0, at)
  if (user !== undefined && !userShape.test(user)) return { refused: `"${user}" is no user name` }
  const place = parsePlace(bare.slice(at + 1))
  return 'refused' in place || user === undefined ? place : { user, ...place }
}

function parsePlace(text: string): SshDestination | Refused {
  if (text === '') return { refused: 'the host is missing' }
  if (text.startsWith('-')) return { refused: 'a host cannot begin with "-"' }
  if (isIP(text) === 6) return { refused: `an IPv6 address stands in brackets: [${text}]` }
  const [whole, inBrackets, plain, portText] =
    /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/.exec(text) ?? []
  if (whole === undefined) return { refused: `"${text}" is no host` }
  const host = inBrackets ?? plain ?? ''
  if (inBrackets === undefined ? !nameShape.test(host) : isIP(host) !== 6 || /[^\w.:%-]/.test(host))
    return { refused: `"${host}" is no host` }
  if (portText === undefined) return { host }
  const port = Number(portText)
  if (!/^\d{1,5}$/.test(portText) || port < 1 || port > 65_535)
    return { refused: `"${portText}" is no port` }
  return { host, port }
}

/** Reads `10.0.0.5-9,10.0.1.1,eth0` into single addresses and names of interfaces. */
export function parseSources(text: string): readonly string[] | Refused {
  const found: string[] = []
  for (const part of text.split(',')) {
    const [, base, first, last] = /^(\d+\.\d+\.\d+\.)(\d+)-(\d+)$/.exec(part) ?? []
    if (base !== undefined) {
      const from = Number(first)
      const to = Number(last)
      if (!isIPv4(`${base}${from}`) || !isIPv4(`${base}${to}`) || to < from)
        return { refused: `"${part}" is no range of addresses; write for example 10.0.0.5-9` }
      for (let octet = from; octet <= to; octet++) found.push(`${base}${octet}`)
    } else if (isIP(part) !== 0 || /^[A-Za-z][\w.-]{0,14}$/.test(part)) found.push(part)
    else return { refused: `"${part}" is neither an address nor a network interface` }
  }
  return found
}
