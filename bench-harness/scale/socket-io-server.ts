import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Subject } from '../quick/delivery.ts'
import { endChild, pidOf } from '../quick/peer.ts'

/** Socket.IO in a child process, as the peers of `rusher bench` run it. */
export async function startSocketIo(): Promise<Subject> {
  const program = fileURLToPath(new URL('../peers/socket-io-peer.js', import.meta.url))
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const pid = pidOf(child)
  for await (const line of createInterface({ input: child.stdout })) {
    const { port } = JSON.parse(line) as { readonly port: number }
    return { pid, port, dialect: 'socket.io', stop: () => endChild(child) }
  }
  throw new Error('socket-io-peer ended before it listened')
}
