import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { HostileServer } from './hostile-servers.ts'

/** How a broadcast goes wrong; each fault is one in twenty messages of one publisher. */
export type BroadcastFault = 'well' | 'some twice' | 'some late' | 'some not to all'

/** Gives everybody, its sender included, what anybody sends. */
export async function broadcasting(how: BroadcastFault): Promise<HostileServer> {
  const counts = { accepted: 0, upgraded: 0, refused: 0, heard: 0, sent: 0 }
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  const tell = (to: Iterable<WebSocket>, text: string): void => {
    for (const ws of to) {
      counts.sent += 1
      ws.send(text)
    }
  }
  server.on('connection', (ws) => {
    counts.accepted += 1
    counts.upgraded += 1
    let heard = 0
    let held: string | undefined
    const release = (): void => {
      if (held !== undefined) tell(server.clients, held)
      held = undefined
    }
    ws.on('error', () => ws.terminate())
    ws.on('message', (bytes) => {
      counts.heard += 1
      heard += 1
      const text = String(bytes)
      const isChosen = heard % 20 === 5
      if (how === 'some late' && isChosen && held === undefined) {
        held = text
        setTimeout(release, 500)
        return
      }
      const all = [...server.clients]
      tell(how === 'some not to all' && isChosen ? all.filter((one) => one !== ws) : all, text)
      if (how === 'some twice' && isChosen) tell(all, text)
      release()
    })
  })
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    counts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const ws of server.clients) ws.terminate()
      }),
  }
}
