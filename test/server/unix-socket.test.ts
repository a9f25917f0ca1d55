import { once } from 'node:events'
import { statSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { createServer } from '../../src/server/index.ts'
import { runServe } from '../parts/serve.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'

function get(socketPath: string, path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ socketPath, path, headers: { Host: 'localhost' } }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

/** Publishes over a Unix socket; gives the reply to the publish. */
async function publish(socketPath: string): Promise<string> {
  const socket = new WebSocket(`ws+unix:${socketPath}:/rusher`)
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  const commands = [
    { type: 'connect', ref: 1, version: 1, user: { id: 'ada' } },
    { type: 'publish', ref: 2, channel: 'chat:a', id: 'a', body: { kind: 'say', text: 'hi' } },
  ]
  socket.send(JSON.stringify(commands))
  for (;;) {
    const [bytes] = (await once(socket, 'message')) as [Buffer]
    if (bytes.toString().includes('"ref":2')) return bytes.toString()
  }
}

test('`--unix-socket` serves everything there, also again after a kill, and leaves no file', async () => {
  const directory = temporaryDirectory()
  const unixSocket = join(directory, 'rusher.sock')
  const flags = ['--unix-socket', unixSocket]
  const first = runServe({ directory, flags })
  await Promise.race([first.listening, first.exited])
  expect(first.events[0]).toMatchObject({ event: 'listening', unixSocket, port: 0 })
  expect(await get(unixSocket, '/healthz')).toEqual({ status: 200, text: 'ok\n' })
  expect(await publish(unixSocket)).toContain('"offset":1')
  await first.crash()
  expect(statSync(unixSocket).isSocket()).toBe(true)

  const second = runServe({ directory, flags })
  await Promise.race([second.listening, second.exited])
  expect(await publish(unixSocket)).toContain('"duplicate":true')
  second.signal('SIGTERM')
  expect(await second.exited).toMatchObject({ code: 0 })
  expect(() => statSync(unixSocket)).toThrow('ENOENT')
})

test('a socket on which a server listens, and a file that is no socket, are left alone', async () => {
  const directory = temporaryDirectory()
  const unixSocket = join(directory, 'rusher.sock')
  const server = await createServer({ storage: 'memory:', unixSocket })
  onTestFinished(async () => {
    await server.close({ deadlineMs: 500 })
  })
  await expect(createServer({ storage: 'memory:', unixSocket })).rejects.toMatchObject({
    code: 'SOCKET_IN_USE',
    message: expect.stringContaining(unixSocket) as string,
  })
  expect((await get(unixSocket, '/healthz')).status).toBe(200)

  const file = join(directory, 'notes.txt')
  writeFileSync(file, 'mine')
  await expect(createServer({ storage: 'memory:', unixSocket: file })).rejects.toMatchObject({
    code: 'SOCKET_PATH',
    message: expect.stringContaining('no socket') as string,
  })
  expect(statSync(file).size).toBe(4)
})

test.each([
  ['in a folder that is not there', 'none/rusher.sock'],
  ['longer than the system takes', `${'x'.repeat(120)}.sock`],
])('a path %s is refused with the reason', async (_which, name) => {
  const unixSocket = join(temporaryDirectory(), name)
  await expect(createServer({ storage: 'memory:', unixSocket })).rejects.toMatchObject({
    code: 'SOCKET_PATH',
  })
})

test('edges cannot share a Unix socket, and `rusher serve` says so in one line', async () => {
  const directory = temporaryDirectory()
  const run = runServe({ directory, edges: 2, flags: ['--unix-socket', join(directory, 's')] })
  expect(await run.exited).toMatchObject({ code: 2 })
  expect(run.errors()).toMatch(/^rusher: unixSocket .*edge.*\n$/)
})
