import { isIP } from 'node:net'
import { RusherError } from '../../protocol/index.ts'

/** Decides whether the server answers to the name in a request's `Host`. */
export interface HostPolicy {
  /** `host` as it was sent. A request without `Host` (HTTP/1.0) comes from no browser. */
  allows(host: string | undefined): boolean
}

/** Answers to every name. */
export const anyHost: HostPolicy = { allows: () => true }

/**
 * Answers to `localhost` and names below it, to literal addresses, to `names`, and to `allowed`:
 * a name, `.example.com` (it and all below it), `*.example.com` (all below it) or `*` (every name).
 * A port is ignored. A page whose own name was pointed at this server (DNS rebinding) sends that
 * name, which is none of these; a literal address takes no DNS. Throws CONFIG for an entry of
 * `allowed` that is no name.
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
 * The names under which a server is known without being told: the one that it listens on and, where
 * other machines reach it, this machine's (`machine`, as the system gives it).
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

/** Whether only this machine reaches an address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** The name in a `Host` (RFC 9110 section 7.2), without port and final dot; undefined for none. */
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
