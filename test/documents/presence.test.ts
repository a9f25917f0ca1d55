import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { until } from '../parts/until.ts'
import { startServer } from './parts/own-server.ts'
import { families, namesSeen, openDocument } from './parts/providers.ts'
import { awarenessOf, connectDocument, type RawDocument } from './parts/raw-document.ts'

const named = (name: string) => `{"user":{"name":"${name}"}}`

/** A y-websocket client by hand, in step. */
async function enter(url: string, query = ''): Promise<RawDocument> {
  const raw = await connectDocument(url, `/notes${query}`)
  raw.send(0, 0, 1, 0)
  await raw.find('0001')
  return raw
}

describe('presence in a document', () => {
  test.each(families)(
    'explicit-null-reaches-peers: who leaves through %s is gone at once',
    async (family) => {
      const { url } = await startServer()
      const watcher = await openDocument('Hocuspocus 4', url, 'notes')
      const leaver = await openDocument(family, url, 'notes')
      leaver.awareness.setLocalStateField('user', { name: 'Ann' })
      await until('she is seen', () => namesSeen(watcher).includes('Ann'))
      leaver.awareness.setLocalState(null)
      await until('she is gone', () => !namesSeen(watcher).includes('Ann'), 1_500)
    },
  )

  test('old-socket-close-keeps-live-user: the end of a half-open connection takes away nobody who came back', async () => {
    const { url } = await startServer()
    const watcher = await openDocument('Hocuspocus 4', url, 'notes')
    const old = await enter(url, '?user=ann&name=Ann')
    old.send(awarenessOf(77, 5, named('Ann')))
    await until('she is seen', () => namesSeen(watcher).includes('Ann'))
    const now = await enter(url, '?user=ann&name=Ann')
    now.send(awarenessOf(77, 5, named('Ann')))
    await pause(100)
    old.socket.terminate()
    // Longer than the grace period of a lost connection.
    await pause(4_000)
    expect(namesSeen(watcher)).toContain('Ann')
  }, 20_000)

  test('foreign-null-and-echo-ignored: what others say about a client changes nothing', async () => {
    const { url } = await startServer()
    const watcher = await openDocument('Hocuspocus 4', url, 'notes')
    const ann = await enter(url, '?user=ann&name=Ann')
    ann.send(awarenessOf(77, 5, named('Ann')))
    await until('she is seen', () => namesSeen(watcher).includes('Ann'))
    const ben = await enter(url, '?user=ben&name=Ben')
    ben.send(awarenessOf(78, 1, named('Ben')))
    await until('he is seen', () => namesSeen(watcher).includes('Ben'))
    ben.send(awarenessOf(77, 5, 'null'))
    ben.send(awarenessOf(77, 9, named('Mallory')))
    ben.send(awarenessOf(78, 2, named('Ben again')))
    await pause(300)
    expect(namesSeen(watcher)).toEqual(['Ann', 'Ben'])
    expect(ben.close).toBeUndefined()
  })

  test('quick-reconnect-visible-at-once: who comes back in time was never gone, and who comes later is seen at once', async () => {
    const { url } = await startServer()
    const watcher = await openDocument('y-websocket 3.1', url, 'notes')
    const seen: string[] = []
    watcher.awareness.on('change', () => seen.push(namesSeen(watcher).join()))
    const first = await enter(url, '?user=ann&name=Ann')
    first.send(awarenessOf(77, 5, named('Ann')))
    await until('she is seen', () => namesSeen(watcher).includes('Ann'))
    first.socket.terminate()
    const second = await enter(url, '?user=ann&name=Ann')
    second.send(awarenessOf(77, 5, named('Ann')))
    await pause(3_800)
    expect(seen).toEqual(['Ann'])
    second.socket.terminate()
    await until('she is gone', () => namesSeen(watcher).length === 0)
    // Stock clients announce themselves anew under the clock that they had.
    const third = await enter(url, '?user=ann&name=Ann')
    third.send(awarenessOf(77, 5, named('Ann')))
    await until('she is seen again', () => namesSeen(watcher).includes('Ann'), 1_500)
  }, 20_000)

  test('a client cannot use the name of another user or forge a clock far ahead', async () => {
    const { url } = await startServer()
    const watcher = await openDocument('Hocuspocus 4', url, 'notes')
    const ben = await enter(url, '?user=ben&name=Ben')
    ben.send(awarenessOf(78, 1, `{"user":{"id":"ann","name":"Ann"},"cursor":1}`))
    await until('he is seen', () => namesSeen(watcher).length === 1)
    const states = () => [...watcher.awareness.getStates().values()]
    expect(states()).toContainEqual({ user: { id: 'ben', name: 'Ben' }, cursor: 1 })
    ben.send(awarenessOf(78, 2 ** 31, `{"cursor":"forged"}`))
    ben.send(awarenessOf(78, 3, `{"cursor":2}`))
    await until('the honest one is seen', () => JSON.stringify(states()).includes('"cursor":2'))
    expect(JSON.stringify(states())).not.toContain('forged')
  })

  test('a flood of moves is thinned out, and ends at the last', async () => {
    const { url } = await startServer()
    const watcher = await openDocument('Hocuspocus 4', url, 'notes')
    let changes = 0
    watcher.awareness.on('change', () => {
      changes += 1
    })
    const ben = await enter(url, '?user=ben&name=Ben')
    for (let clock = 1; clock <= 500; clock += 1)
      ben.send(awarenessOf(78, clock, `{"cursor":${clock}}`))
    await until('the last is seen', () =>
      [...watcher.awareness.getStates().values()].some((state) => state['cursor'] === 500),
    )
    expect(changes).toBeLessThan(100)
  })

  test('somebody who says nothing for long is kept, since both families give up after 30 s without a frame', async () => {
    const { url } = await startServer()
    const quiet = await openDocument('Hocuspocus 4', url, 'notes')
    const plain = await openDocument('y-websocket 3.1', url, 'notes')
    quiet.awareness.setLocalState(null)
    plain.awareness.setLocalState(null)
    await pause(34_000)
    expect([quiet.codes, plain.codes]).toEqual([[], []])
    quiet.text.insert(0, 'still here')
    await until('it arrives', () => plain.text.toString() === 'still here')
  }, 60_000)
})
