import { readSync, writeSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'

/* Listens, says where, and then waits for the end of its standard input without ever going back to its event loop: so nothing is accepted. */

const [backlog = '511'] = process.argv.slice(2)
const server = createServer()
server.listen({ port: 0, host: '127.0.0.1', backlog: Number(backlog) }, () => {
  writeSync(1, `${(server.address() as AddressInfo).port}\n`)
  const rest = Buffer.alloc(1)
  while (readSync(0, rest) > 0);
  process.exit()
})
