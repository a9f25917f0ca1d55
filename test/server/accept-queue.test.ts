import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openAcceptQueue } from '../../src/server/admission/accept-queue.ts'

async function listen(port = 0): Promise<Server> {
  const server = createServer((socket) => socket.destroy())
  server.listen({ port, host: '127.0.0.1', reusePort: true })
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return server
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

/** Another process connects so often, while this one does nothing, and ends. */
function connectOften(port: number, count: number): void {
  const script = `
    const { connect } = require('node:net')
    let open = 0
    for (let no = 0; no < ${count}; no += 1)
      connect(${port}, '127.0.0.1').on('connect', () => { open += 1; if (open === ${count}) process.exit() })`
  execFileSync(process.execPath, ['-e', script])
}

test('what waits to be accepted is counted, and who listens at the port', async () => {
  const server = await listen()
  const queue = openAcceptQueue(server)
  expect([queue.listeners(), queue.waiting()]).toEqual([1, 0])
  connectOften(portOf(server), 7)
  expect([queue.listeners(), queue.waiting()]).toEqual([1, 7])
  queue.close()
})

test('each socket of a shared port has a queue of its own', async () => {
  const server = await listen()
  const other = await listen(portOf(server))
  const [queue, queueOfOther] = [openAcceptQueue(server), openAcceptQueue(other)]
  connectOften(portOf(server), 40)
  expect(queue.listeners()).toBe(2)
  expect(queue.waiting() + queueOfOther.waiting()).toBe(40)
  queue.close()
  queueOfOther.close()
})

test('a server that has stopped listening has nobody waiting, and sees who listens still', async () => {
  const server = await listen()
  await listen(portOf(server))
  const queue = openAcceptQueue(server)
  server.close()
  expect([queue.listeners(), queue.waiting()]).toEqual([1, 0])
  queue.close()
})
