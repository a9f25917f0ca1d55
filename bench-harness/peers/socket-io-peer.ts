import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { tellListening } from './listening.ts'

/*
 * Socket.IO over WebSocket alone. `echo` is acknowledged at once; `join` takes rooms and is acknowledged; what is said with `say` goes to everybody in
 * a room, and is kept nowhere.
 */

const http = createServer()
const io = new Server(http, { transports: ['websocket'], serveClient: false })

io.on('connection', (socket) => {
  socket.on('echo', (text: unknown, acknowledge: unknown) => {
    if (typeof acknowledge === 'function') acknowledge(text)
  })
  socket.on('join', async (rooms: unknown, acknowledge: unknown) => {
    if (Array.isArray(rooms)) await socket.join(rooms.map(String))
    if (typeof acknowledge === 'function') acknowledge()
  })
  socket.on('say', (room: unknown, text: unknown, acknowledge: unknown) => {
    io.to(String(room)).emit('say', room, text)
    if (typeof acknowledge === 'function') acknowledge()
  })
})

http.listen({ port: 0, host: '127.0.0.1', backlog: 65_535 }, () =>
  tellListening((http.address() as AddressInfo).port),
)
