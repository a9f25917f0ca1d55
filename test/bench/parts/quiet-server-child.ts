import { once } from 'node:events'
import { WebSocketServer } from 'ws'

/* Upgrades on some ports in a row, and never says a word. It ends when its standard input does. */

const [first = '0', count = '1'] = process.argv.slice(2)
for (let no = 0; no < Number(count); no += 1) {
  const server = new WebSocketServer({
    port: Number(first) + no,
    host: '127.0.0.1',
    perMessageDeflate: false,
  })
  server.on('connection', (ws) => ws.on('error', () => ws.terminate()))
  await once(server, 'listening')
}
process.stdout.write('listening\n')
process.stdin.resume().on('end', () => process.exit())
