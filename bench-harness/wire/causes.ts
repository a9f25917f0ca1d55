import type { Cause, Stage } from '../ledger/ledger.ts'

/** Names the cause of a socket's error: the system's code, and how far the connection had come. */
export function causeOfError(code: string | undefined, stage: Stage): Cause {
  switch (code) {
    // Both were seen when source ports run out: the first when the kernel chooses one, the second when it was bound before.
    case 'EADDRNOTAVAIL':
    case 'EADDRINUSE':
      return 'src_ports'
    case 'EMFILE':
      return 'emfile'
    case 'ENFILE':
      return 'enfile'
    case 'ECONNREFUSED':
      return 'refused'
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'unreachable'
    case 'ETIMEDOUT':
      return stage === 'socket' ? 'connect_timeout' : 'idle_timeout'
    case 'ENOBUFS':
      return 'enobufs'
    case 'ENOMEM':
      return 'enomem'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'dns'
    case 'ECONNRESET':
    case 'EPIPE':
      return stage === 'ws' || stage === 'ready' ? 'reset' : 'reset_before_upgrade'
    default:
      return code !== undefined && tlsCode.test(code) ? 'tls' : 'other'
  }
}

/** Codes of Node's TLS, and certificate errors of OpenSSL (X509_V_ERR, without that prefix). */
const tlsCode =
  /^(?:ERR_(?:TLS|SSL)_|EPROTO$|C(?:ERT|RL)_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_|INVALID_|PATH_LENGTH_)/

/** The cause of a stage that took too long. */
export function causeOfTimeout(stage: 'socket' | 'tcp' | 'ws'): Cause {
  switch (stage) {
    case 'socket':
      return 'connect_timeout'
    case 'tcp':
      return 'upgrade_timeout'
    case 'ws':
      return 'ready_timeout'
    default:
      return stage satisfies never
  }
}
