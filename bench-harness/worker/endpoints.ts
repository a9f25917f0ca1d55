import type { UpgradeRequest } from '../wire/upgrade.ts'

/** One address of the server, and the request that is sent there. */
export interface Destination {
  readonly host: string
  readonly port: number
  readonly request: UpgradeRequest
  /** For `wss://`; absent: no TLS. */
  readonly tls?: { readonly servername: string; readonly rejectUnauthorized: boolean }
}

/** The local address that a socket is bound to; without a port the kernel chooses one. */
export interface Source {
  readonly localAddress: string
  readonly localPort?: number
}
