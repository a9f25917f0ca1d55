import { hostname } from 'node:os'
import { anyHost, createHostPolicy, type HostPolicy, ownNames } from './http/host-names.ts'
import { createOriginPolicy, type OriginPolicy } from './http/origins.ts'
import type { ServerOptions } from './server-options.ts'

/** Which names a server answers to, and which pages may ask. */
export interface FrontPolicy {
  readonly hosts: HostPolicy
  readonly origins: OriginPolicy
}

/**
 * Reads `origins` and `allowedHosts`; throws CONFIG for an entry that is none.
 *
 * A server with open auth checks `Host` wherever it listens: a page that was pointed at it (DNS
 * rebinding) needs no more than to reach it. One that asks for credentials does so only where
 * `allowedHosts` is given: such a page has none, since cookies never count.
 */
export function frontPolicyOf(options: ServerOptions): FrontPolicy {
  const { auth = 'open', allowedHosts, origins = [], httpServer } = options
  // Where somebody else listens, it is not known on what.
  const host = httpServer === undefined ? (options.host ?? '127.0.0.1') : '0.0.0.0'
  const isChecked = auth === 'open' || allowedHosts !== undefined
  return {
    origins: createOriginPolicy(origins),
    hosts: isChecked
      ? createHostPolicy({
          names: ownNames({ host, machine: hostname() }),
          allowed: allowedHosts ?? [],
        })
      : anyHost,
  }
}
