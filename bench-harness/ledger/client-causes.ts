import type { Cause } from './ledger.ts'

/** Causes that say something of the clients' machines, and nothing of the server. */
export const clientCauses: ReadonlySet<Cause> = new Set<Cause>([
  'src_ports',
  'emfile',
  'enfile',
  'enobufs',
  'enomem',
  'dns',
  'worker_died',
])
