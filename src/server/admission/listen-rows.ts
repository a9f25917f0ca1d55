/** One listening socket of this machine, as the kernel lists it. */
export interface AcceptQueueRow {
  readonly port: number
  /** Connections that wait to be accepted. */
  readonly waiting: number
  readonly inode: number
}

/** `TCP_LISTEN` in the kernel's include/net/tcp_states.h. */
const listening = '0A'

/**
 * Reads a piece of /proc/net/tcp or tcp6 (proc_net_tcp(5)), which begins with the listening sockets. There `rx_queue` is the length of the
 * accept queue. `ended`: what follows are connections, of which there are very many, and none of them is a row of ours.
 */
export function parseAcceptQueueRows(text: string): {
  readonly rows: readonly AcceptQueueRow[]
  readonly ended: boolean
} {
  const rows: AcceptQueueRow[] = []
  for (const line of text.split('\n')) {
    const [, local = '', , state, queues = '', , , , , inode] = line.trim().split(/\s+/)
    const port = Number.parseInt(local.split(':')[1] ?? '', 16)
    // The heading, or an empty line at the end.
    if (!Number.isInteger(port)) continue
    if (state !== listening) return { rows, ended: true }
    const waiting = Number.parseInt(queues.split(':')[1] ?? '', 16)
    rows.push({ port, waiting, inode: Number(inode) })
  }
  return { rows, ended: false }
}
