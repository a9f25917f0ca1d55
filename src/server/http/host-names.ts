import { isIP } from 'node:net'
import { RusherError } from '../../protocol/index.ts'

/** Decides whether the server accepts the host name in a request's `Host` header. */
export interface HostPolicy {
  /** `host` as sent. A request without `Host` (HTTP/1.0) does not come from a browser. */
  allows(host: string | undefined): boolean
}

/** Accepts every host name. */
export const anyHost: HostPolicy = { allows: () => true }

/**
 * Accepts `localhost` and its subdomains, IP addresses, `names`, and `allowed`: a name,
 * `.example.com` (with subdomains), `*.example.com` (only subdomains) or `*` (every name). Ports
 * are ignored. This prevents DNS rebinding: a page whose name resolves to this server sends that
 * name, which is not accepted; an IP address involves no DNS.
 * @throws {RusherError} CONFIG for an invalid entry of `allowed`.
 */
export function createHostPolicy(options: {
  readonly names: readonly string[]
  readonly allowed: readonly string[]
}): HostPolicy {
  const exact = new Set(['localhost', ...options.names])
  const suffixes = ['.localhost']
  for (const given of options.allowed) {
    const name = given.trim().toLowerCase()
    if (name === '*') return anyHost
    const pattern = patternOf(given, name)
    if (pattern.startsWith('*.')) suffixes.push(pattern.slice(1))
    else if (pattern.startsWith('.')) {
      suffixes.push(pattern)
      exact.add(pattern.slice(1))
    } else exact.add(pattern)
  }
  return {
    allows(host) {
      if (host === undefined) return true
      const name = nameOf(host)
      if (name === undefined) return false
      return isAddress(name) || exact.has(name) || suffixes.some((suffix) => name.endsWith(suffix))
    },
  }
}

/**
 * Host names that a server accepts by default: the one that it listens on and, unless that is
 * loopback, the machine's host name (`machine`).
 */
export function ownNames(options: {
  readonly host: string
  readonly machine: string
}): readonly string[] {
  const host = options.host.toLowerCase()
  const machine = options.machine.toLowerCase()
  if (isLoopback(host)) return []
  const listened = isAddress(host) ? [] : [host]
  return [...listened, machine, ...(machine.includes('.') ? [] : [`${machine}.local`])]
}

/** Whether an address is a loopback address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/**
 * The name in a `Host` header (RFC 9110, 7.2), without port and final dot; undefined if invalid.
 */
function nameOf(host: string): string | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[^:\s/?#@\\[\]]+)(?::\d{0,5})?$/i.exec(host)
  return match?.[1]?.toLowerCase().replace(/\.$/, '')
}

function isAddress(name: string): boolean {
  return isIP(name.startsWith('[') ? name.slice(1, -1) : name) !== 0
}

function patternOf(given: string, name: string): string {
  if (name === '') throw fault(given, 'is empty')
  if (name.includes(',')) throw fault(given, 'is a list; write one name per entry')
  const bare = name.replace(/^[a-z][a-z0-9+.-]*:\/\//, '').replace(/\/.*$/, '')
  if (bare !== name) throw fault(given, `is a URL; write ${bare}`)
  const pattern = nameOf(name)
  if (pattern === undefined || pattern.replace(/^\*\./, '').includes('*')) {
    throw fault(given, 'is not a host name')
  }
  return pattern
}

function fault(given: string, what: string): RusherError {
  return new RusherError('CONFIG', `allowedHosts: ${JSON.stringify(given)} ${what}`)
}
