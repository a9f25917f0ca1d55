import { hostname } from 'node:os'
import { anyHost, createHostPolicy, type HostPolicy, ownNames } from './http/host-names.ts'
import { createOriginPolicy, type OriginPolicy } from './http/origins.ts'
import type { ServerOptions } from './server-options.ts'

/** Which host names a server accepts and which pages may send requests. */
export interface FrontPolicy {
  readonly hosts: HostPolicy
  readonly origins: OriginPolicy
}

/**
 * Builds the policies from `origins` and `allowedHosts`. Throws CONFIG for an invalid entry.
 *
 * A server with open auth always checks `Host`, because DNS rebinding would give any page access to
 * it. A server that requires credentials checks it only if `allowedHosts` is set: a rebinding page
 * has no token, and its browser sends no cookies of another host.
 */
export function frontPolicyOf(options: ServerOptions): FrontPolicy {
  const { auth = 'open', allowedHosts, origins = [], httpServer } = options
  // With a given HTTP server, the listening address is unknown.
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
