import { expect, test } from 'vitest'
import { parseAcceptQueueRows } from './listen-rows.ts'

/** As proc_net_tcp(5) has it: two listeners at port 8080 with 3 and 16 waiting, one at 22, and a connection. */
const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 28457 1 00000000a3f7d1a2 100 0 0 10 0
   1: 0100007F:1F90 00000000:0000 0A 00000000:00000010 00:00000000 00000000     0        0 28460 1 00000000b2c4e1f0 100 0 0 10 0
   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11023 1 00000000c9d8a7b6 100 0 0 10 0
   3: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 30001 1 00000000d1e2f3a4 20 4 24 10 -1
`

test('listening sockets are read with their ports and the length of their queues', () => {
  expect(parseAcceptQueueRows(text)).toEqual({
    rows: [
      { port: 8080, waiting: 3, inode: 28457 },
      { port: 8080, waiting: 16, inode: 28460 },
      { port: 22, waiting: 0, inode: 11023 },
    ],
    ended: true,
  })
})

test('a piece without a connection is not the end, and one of tcp6 reads the same', () => {
  const row =
    '   7: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000002 00:00000000 00000000     0        0 901 1 0 100 0 0 10 0\n'
  const rows = [{ port: 8080, waiting: 2, inode: 901 }]
  expect(parseAcceptQueueRows(row)).toEqual({ rows, ended: false })
  expect(parseAcceptQueueRows('')).toEqual({ rows: [], ended: false })
})
