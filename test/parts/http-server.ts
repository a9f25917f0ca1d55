import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { WebSocket, type WebSocketServer } from 'ws'

/** An HTTP server of the embedding program, which listens. It ends with the test. */
export interface ProgramServer {
  readonly httpServer: Server
  readonly port: number
  readonly url: string
}

/** Starts an HTTP server that answers every request by `answer`. */
export async function startProgram(answer: RequestListener = theirs): Promise<ProgramServer> {
  const httpServer = createServer(answer)
  onTestFinished(() => {
    httpServer.close()
    httpServer.closeAllConnections()
  })
  httpServer.listen(0, '127.0.0.1')
  await once(httpServer, 'listening')
  const { port } = httpServer.address() as AddressInfo
  return { httpServer, port, url: `http://127.0.0.1:${port}` }
}

const theirs: RequestListener = (_request, response) => void response.end('theirs')

/** Has a WebSocket server send back what it gets. */
export function echoOn(sockets: WebSocketServer): void {
  sockets.on('connection', (socket) => {
    socket.on('message', (message: Buffer) => socket.send(message.toString()))
  })
}

/** What a WebSocket at a URL sends back. Rejects if the upgrade is refused. */
export async function echoed(url: string, text = 'hello'): Promise<string> {
  const socket = new WebSocket(url.replace('http', 'ws'))
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  socket.send(text)
  const [message] = (await once(socket, 'message')) as [Buffer]
  socket.close()
  return message.toString()
}
