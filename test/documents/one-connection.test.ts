import { setTimeout as pause } from 'node:timers/promises'
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { type Client, connect } from '../../src/client/index.ts'
import type { WebSocketConstructor } from '../../src/client/web-socket.ts'
import { serve } from '../parts/serve.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { secret, signToken } from '../parts/tokens.ts'
import { until } from '../parts/until.ts'
import { metricsOf } from './parts/ask.ts'
import { openDocument } from './parts/providers.ts'

/** `ws` speaks as browsers do, but for what `WebSocketConstructor` says of events. */
const webSocket = WebSocket as unknown as WebSocketConstructor

/** A stock provider on the connection of a client. */
function open(client: Client, names: readonly string[]) {
  const documents = new HocuspocusProviderWebsocket({
    url: 'ws://anywhere',
    WebSocketPolyfill: client.documentSocket,
    delay: 50,
    minDelay: 50,
  })
  const providers = names.map((name) => {
    const provider = new HocuspocusProvider({
      websocketProvider: documents,
      name,
      document: new Y.Doc(),
      sessionAwareness: true,
    })
    provider.attach()
    return provider
  })
  onTestFinished(() => {
    for (const provider of providers) provider.destroy()
    documents.destroy()
    client.close()
  })
  return providers
}

test('channels and several documents share one connection, and who its client is', async () => {
  const permit = `(identity, channel) => channel !== 'doc:secret'`
  const config = `{ auth: { secret: '${secret}' }, permit: ${permit} }`
  const { url } = await serve({ directory: temporaryDirectory(), config })
  const client = connect(url, { token: await signToken({ user: 'ada' }), webSocket })
  const refusals: string[] = []
  const [notes, plans, hidden] = open(client, ['notes', 'plans', 'secret'])
  hidden?.on('authenticationFailed', ({ reason }: { reason: string }) => refusals.push(reason))
  await until('both are in step', () => notes?.synced === true && plans?.synced === true)
  await until('the third is refused', () => refusals.length === 1)
  const other = await openDocument('y-websocket 3.1', url, 'notes', { token: await signToken() })
  notes?.document.getText('t').insert(0, 'over one connection')
  await until('the other has it', () => other.text.toString() === 'over one connection')
  await until('it is on disk', () => notes?.hasUnsyncedChanges === false)
  await client.channel('chat:lobby').publish({ kind: 'say', text: 'hello' })
  const metrics = await metricsOf(url)
  expect(metrics).toMatch(/^rusher_document_sessions 1$/m)
  expect(metrics).toMatch(/^rusher_sessions 1$/m)
})

test('a token that the session renews goes for its documents too', async () => {
  const { url } = await serve({
    directory: temporaryDirectory(),
    config: `{ auth: { secret: '${secret}', clockToleranceSeconds: 0 } }`,
  })
  const tokens = [await signToken({ endsIn: 4 }), await signToken({ endsIn: 600 })]
  let asked = 0
  const client = connect(url, { token: () => tokens[Math.min(asked++, 1)], webSocket })
  const refusals: string[] = []
  const [notes] = open(client, ['notes'])
  notes?.on('authenticationFailed', ({ reason }: { reason: string }) => refusals.push(reason))
  await until('it is in step', () => notes?.synced === true)
  await until('the session has another token', () => asked >= 2)
  await pause(5_000)
  notes?.document.getText('t').insert(0, 'still here')
  await until('it is on disk', () => notes?.hasUnsyncedChanges === false)
  expect(refusals).toEqual([])
})

test('a document comes back with its connection, with what was written meanwhile', async () => {
  const directory = temporaryDirectory()
  const server = await serve({ directory })
  const client = connect(server.url, { user: { id: 'ada' }, webSocket })
  const [notes] = open(client, ['notes'])
  await until('it is in step', () => notes?.synced === true)
  await server.crash()
  await until('the connection is gone', () => notes?.synced === false)
  notes?.document.getText('t').insert(0, 'meanwhile')
  await serve({ directory, port: server.port })
  await until('it is on disk', () => notes?.synced === true && !notes.hasUnsyncedChanges, 30_000)
  const reader = await openDocument('Hocuspocus 3', server.url, 'notes')
  expect(reader.text.toString()).toBe('meanwhile')
})

test('leaving the documents leaves the connection, and they can be opened again on it', async () => {
  const { url } = await serve({ directory: temporaryDirectory() })
  const client = connect(url, { user: { id: 'ada' }, webSocket })
  const [first] = open(client, ['notes'])
  await until('it is in step', () => first?.synced === true)
  first?.configuration.websocketProvider.destroy()
  const [second] = open(client, ['notes'])
  await until('it is in step again', () => second?.synced === true && !second.hasUnsyncedChanges)
  expect(client.status.state).toBe('online')
  expect(client.status.error).toBeUndefined()
})

test('a paste of 5 MB goes over the connection of a session, and one too large is refused on it', async () => {
  const { url } = await serve({ directory: temporaryDirectory(), flags: ['--edges', '2'] })
  const client = connect(url, { user: { id: 'ada' }, webSocket })
  const [notes] = open(client, ['notes'])
  const told: string[] = []
  notes?.on('stateless', ({ payload }: { payload: string }) => void told.push(payload))
  await until('it is in step', () => notes?.synced === true)
  const text = notes?.document.getText('t')
  text?.insert(0, 'x'.repeat(5_000_000))
  await until('it is on disk', () => notes?.hasUnsyncedChanges === false, 60_000)
  text?.insert(0, 'y'.repeat(8_000_000))
  await until('it is refused', () => told.some((one) => one.includes('DOCUMENT_FULL')), 60_000)
  expect(client.status.state).toBe('online')
  const reader = await openDocument('Hocuspocus 3', url, 'notes')
  expect(reader.text.length).toBe(5_000_000)
}, 120_000)
