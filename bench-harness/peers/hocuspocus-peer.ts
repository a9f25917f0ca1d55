import { Server } from '@hocuspocus/server'
import { tellListening } from './listening.ts'

/* The server that most people use for documents, as it comes, and keeping nothing: an acknowledgement of it never waits for a disk. */

const server = new Server({ port: 0, address: '127.0.0.1', quiet: true, stopOnSignals: false })
await server.listen()
const address = server.httpServer.address()
tellListening(typeof address === 'object' && address !== null ? address.port : 0)
