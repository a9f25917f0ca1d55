import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { serve } from '../parts/serve.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'
import { ask } from './parts/ask.ts'
import { agree, families, type Opened, openDocument } from './parts/providers.ts'

interface Versions {
  readonly versions: readonly {
    readonly people: readonly { readonly id: string; readonly madeBy?: readonly string[] }[]
  }[]
}

/** Waits until the history says that one user sent what is under the client ids of another. */
async function sentUnder(url: string, sender: string, maker: string): Promise<void> {
  await until(`the history names ${sender} and ${maker}`, async () => {
    const { body } = await ask(`${url}/docs/notes/versions`)
    const people = (body as Versions).versions.flatMap((version) => version.people)
    return people.some(({ id, madeBy }) => id === sender && madeBy?.includes(maker) === true)
  })
}

/** Writes at the end of somebody's copy under the client id of another document. */
function forge({ doc }: Opened, client: number, words: string): void {
  const fork = new Y.Doc()
  Y.applyUpdate(fork, Y.encodeStateAsUpdate(doc))
  fork.clientID = client
  fork.getText('t').insert(fork.getText('t').length, words)
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(fork), 'elsewhere')
}

/** Ann wrote 'one ' and is away; whoever else is there has it. */
async function leave(family: Opened['family'], url: string, other: string) {
  const ann = await openDocument(family, url, 'notes', { user: 'ann' })
  ann.text.insert(0, 'one ')
  const sender = await openDocument('Hocuspocus 4', url, 'notes', { user: other })
  await until('it arrives', () => agree([sender], 'one '))
  ann.disconnect()
  return { ann, sender }
}

const isTold = (ann: Opened): boolean =>
  ann.family.startsWith('Hocuspocus')
    ? ann.statelesses.some((text) => text.includes('"code":"CLIENT_ID_TAKEN"'))
    : ann.codes.includes(4409)

describe.each(families)('with %s, the owner of a client id returns', (family) => {
  test.each([
    ['as long', 'mine'],
    ['shorter', 'my'],
    ['longer', 'mine, all of it'],
  ])(
    'and its own text under the clocks that another took is not lost in silence: %s',
    async (_, own) => {
      const { url } = await serve({ directory: temporaryDirectory() })
      const { ann, sender } = await leave(family, url, 'mallory')
      forge(sender, ann.doc.clientID, 'evil')
      await sentUnder(url, 'mallory', 'ann')
      ann.text.insert(4, own)
      ann.connect()
      await until('ann is told', () => isTold(ann))
      expect(ann.text.toString()).toContain(own)
      // Yjs gave the page another client id where it got the longer text; y-websocket then cannot
      // end.
      ann.doc.clientID = ann.awareness.clientID
      // Opened anew it has another client id, and is refused nothing.
      ann.close()
      const again = await openDocument(family, url, 'notes', { user: 'ann' })
      again.text.insert(8, ` ${own}`)
      await until('it is there', () => agree([again, sender], `one evil ${own}`))
    },
  )

  test('and what another relayed for it is saved, confirmed once and not asked for again', async () => {
    const { url } = await serve({ directory: temporaryDirectory() })
    const { ann, sender } = await leave(family, url, 'bob')
    const words = 'w'.repeat(5_000)
    ann.text.insert(4, words)
    Y.applyUpdate(sender.doc, Y.encodeStateAsUpdate(ann.doc), 'elsewhere')
    await sentUnder(url, 'bob', 'ann')
    const sentBytes: number[] = []
    for (const more of ['a', 'b', 'c']) {
      const before = ann.sentBytes
      ann.connect()
      ann.text.insert(0, more)
      await until('it arrives', () => agree([ann, sender], ann.text.toString()))
      await until('it counts as saved', () => ann.saved !== false && ann.synced)
      ann.disconnect()
      await until('it is away', () => !ann.synced)
      sentBytes.push(ann.sentBytes - before)
    }
    expect(sentBytes[0]).toBeGreaterThan(5_000)
    expect(sentBytes[1]).toBeLessThan(5_000)
    expect(sentBytes[2]).toBeLessThan(5_000)
    expect(isTold(ann)).toBe(false)
    expect(ann.codes).not.toContain(4409)
  })
})

test('what others wrote under a client id is asked for after a restart of the server too', async () => {
  const directory = temporaryDirectory()
  const first = await serve({ directory })
  const { ann, sender } = await leave('y-websocket 3.1', first.url, 'mallory')
  forge(sender, ann.doc.clientID, 'evil')
  await sentUnder(first.url, 'mallory', 'ann')
  sender.close()
  await first.crash()
  const { url } = await serve({ directory, edges: 2 })
  ann.text.insert(4, 'mine')
  const again = await openDocument('y-websocket 3.1', url, 'notes', {
    user: 'ann',
    doc: ann.doc,
    impatient: true,
  })
  await until('ann is told', () => isTold(again))
})

test('another page of the owner, which got it from the server, confirms nothing', async () => {
  const { url } = await serve({ directory: temporaryDirectory() })
  const { ann, sender } = await leave('Hocuspocus 4', url, 'mallory')
  forge(sender, ann.doc.clientID, 'evil')
  await sentUnder(url, 'mallory', 'ann')
  const phone = await openDocument('y-websocket 3.1', url, 'notes', { user: 'ann' })
  phone.disconnect()
  phone.connect()
  await until('it is in step', () => phone.synced)
  phone.text.insert(0, 'phone ')
  await until('it is there', () => agree([sender, phone], 'phone one evil'))
  expect(isTold(phone)).toBe(false)
  ann.text.insert(4, 'mine')
  ann.connect()
  await until('ann is told', () => isTold(ann))
})
