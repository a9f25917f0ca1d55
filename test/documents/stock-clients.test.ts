import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { seed } from '../parts/seed.ts'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'
import { seeded } from '../tools/seeded.ts'
import { agree, families, namesSeen, type Opened, openDocument } from './parts/providers.ts'

const all = (url: string, name: string) =>
  Promise.all(families.map((family) => openDocument(family, url, name, { user: family })))

describe.each(shapes)('stock clients, $shape', ({ edges }) => {
  test('of all families write in one document at the same time, and each edit is acknowledged', async () => {
    const { url } = await serve({ directory: temporaryDirectory(), edges })
    const clients = await all(url, 'notes')
    for (const { text, family } of clients) text.insert(0, `${family} `)
    await until('everybody has everything', () =>
      clients.every(({ text }) => families.every((family) => text.toString().includes(family))),
    )
    const [first] = clients
    await until('all agree', () => agree(clients, first?.text.toString() ?? ''))
    await until('everything is saved', () => clients.every(({ saved }) => saved !== false))
    const late = await openDocument('y-websocket 3.1', url, 'notes')
    expect(late.text.toString()).toBe(first?.text.toString())
  })

  test('see each other under the names that the server knows, and see who leaves at once', async () => {
    const { url } = await serve({ directory: temporaryDirectory(), edges })
    const clients = await all(url, 'notes')
    for (const { awareness } of clients) {
      awareness.setLocalStateField('user', { name: 'somebody else', color: '#123456' })
    }
    const others = (family: string) => families.filter((one) => one !== family).toSorted()
    await until('everybody sees the others', () =>
      clients.every((client) => `${namesSeen(client)}` === `${others(client.family)}`),
    )
    const [leaver, ...rest] = clients
    leaver?.awareness.setLocalState(null)
    await until('the others see that it left', () =>
      rest.every((client) => !namesSeen(client).includes(leaver?.family ?? '')),
    )
  })

  test('find a document of names that only look different, and keep those that are', async () => {
    const { url } = await serve({ directory: temporaryDirectory(), edges })
    const spaced = await openDocument('y-websocket 3.1', url, 'my%20notes/März')
    const plain = await openDocument('Hocuspocus 4', url, 'my notes/März')
    const other = await openDocument('Hocuspocus 4', url, 'my notes')
    spaced.text.insert(0, 'here')
    await until('the same document has it', () => plain.text.toString() === 'here')
    expect(other.text.toString()).toBe('')
  })

  test('come back after a restart of the server with what they wrote meanwhile', async () => {
    const directory = temporaryDirectory()
    const server = await serve({ directory, edges })
    const clients = await all(server.url, 'notes')
    clients[0]?.text.insert(0, 'before ')
    await until('all have it', () => agree(clients, 'before '))
    await server.crash()
    for (const { text, family } of clients) text.insert(text.length, `[${family}]`)
    await serve({ directory, edges, port: server.port })
    const words = families.map((family) => `[${family}]`)
    await until(
      'all agree on everything',
      () => {
        const found = clients.map(({ text }) => text.toString())
        return new Set(found).size === 1 && words.every((word) => found[0]?.includes(word))
      },
      40_000,
    )
    await until('everything is saved', () => clients.every(({ saved }) => saved !== false))
  }, 90_000)
})

test('a large document comes in parts of a frame that proxies take, and is whole when it is in step', async () => {
  const { url } = await serve({ directory: temporaryDirectory() })
  const writer = await openDocument('Hocuspocus 4', url, 'large')
  const random = seeded(seed)
  for (let round = 0; round < 40; round += 1) {
    writer.doc.transact(() => {
      for (let index = 0; index < 100; index += 1) {
        writer.text.insert(
          random(writer.text.length + 1),
          `paragraph ${round}.${index}: ${'x'.repeat(150)}\n`,
        )
      }
    })
  }
  await until('it is saved', () => writer.saved === true, 30_000)
  const readers = await Promise.all(families.map((family) => openDocument(family, url, 'large')))
  for (const reader of readers) {
    expect(reader.text.toString()).toBe(writer.text.toString())
    expect(reader.doc.store.pendingStructs).toBeNull()
  }
}, 90_000)

describe(`random editing over stock clients (seed ${seed})`, () => {
  test('ends the same everywhere, through disconnects and kills of the server', async () => {
    const random = seeded(seed)
    const directory = temporaryDirectory()
    let server = await serve({ directory })
    const { port, url } = server
    const clients = await all(url, 'random')
    for (let round = 0; round < 12; round += 1) {
      for (let edits = 0; edits < 20; edits += 1) {
        const client = clients[random(clients.length)]
        if (client !== undefined) editRandomly(client, random)
      }
      const client = clients[random(clients.length)]
      if (random(3) === 0) client?.disconnect()
      if (random(2) === 0) for (const one of clients) one.connect()
      if (round % 4 === 3) {
        await server.crash()
        server = await serve({ directory, port })
      }
      await until('somebody is in step', () => clients.some(({ synced }) => synced), 20_000)
    }
    for (const one of clients) one.connect()
    await until('all are in step', () => clients.every(({ synced }) => synced), 30_000)
    await until('all have the same', () => new Set(clients.map(contentOf)).size === 1, 30_000)
    await until('everything is saved', () => clients.every(({ saved }) => saved !== false))
    await server.crash()
    await serve({ directory, port })
    const late = await openDocument('y-websocket 3.1', url, 'random')
    expect(contentOf(late)).toBe(contentOf(clients[0] ?? late))
    for (const { doc } of [...clients, late]) {
      expect(doc.store.pendingStructs).toBeNull()
      expect(doc.store.pendingDs).toBeNull()
    }
  }, 180_000)
})

function editRandomly({ doc, text }: Opened, random: (limit: number) => number): void {
  const map = doc.getMap('m')
  const xml = doc.getXmlFragment('x')
  switch (random(6)) {
    case 0:
    case 1:
      return text.insert(random(text.length + 1), `word${random(100)} `)
    case 2:
      return text.length > 6 ? text.delete(random(text.length - 5), 5) : undefined
    case 3:
      return text.length > 6
        ? text.format(random(text.length - 5), 5, { bold: random(2) === 0 ? true : null })
        : undefined
    case 4:
      return void map.set(`key${random(4)}`, random(1_000))
    default: {
      const element = new Y.XmlElement('paragraph')
      element.insert(0, [new Y.XmlText(`p${random(100)}`)])
      return xml.insert(random(xml.length + 1), [element])
    }
  }
}

function contentOf({ doc, text }: Opened): string {
  const map = Object.entries(doc.getMap('m').toJSON()).sort()
  return JSON.stringify([text.toString(), map, doc.getXmlFragment('x').toString()])
}
