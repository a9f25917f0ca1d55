import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { serve } from '../parts/serve.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'
import { ask } from './parts/ask.ts'
import { agree, openDocument } from './parts/providers.ts'
import { connectDocument } from './parts/raw-document.ts'

interface Versions {
  readonly versions: readonly {
    readonly people: readonly { readonly id: string; readonly madeBy?: readonly string[] }[]
  }[]
}

async function peopleOf(url: string): Promise<Versions['versions'][number]['people']> {
  const { body } = await ask(`${url}/docs/notes/versions`)
  return (body as Versions).versions.flatMap(({ people }) => people)
}

/** Updates of a document that is written elsewhere, one for each change. */
function changesOf(write: (text: Y.Text) => void): { doc: Y.Doc; updates: Uint8Array[] } {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update) => updates.push(update))
  write(doc.getText('t'))
  return { doc, updates }
}

describe.each(['y-websocket 3.1', 'Hocuspocus 4'] as const)('with %s', (family) => {
  test('an update relayed for another user is accepted, and that user continues under the same client id', async () => {
    const { url } = await serve({ directory: temporaryDirectory() })
    const ann = await openDocument(family, url, 'notes', { user: 'ann' })
    ann.text.insert(0, 'one ')
    const bob = await openDocument(family, url, 'notes', { user: 'bob' })
    await until('bob has it', () => bob.text.toString() === 'one ')
    ann.disconnect()
    ann.text.insert(4, 'two ')
    // A second network between the two.
    Y.applyUpdate(bob.doc, Y.encodeStateAsUpdate(ann.doc), 'elsewhere')
    await until('the server names both', async () =>
      (await peopleOf(url)).some(({ id, madeBy }) => id === 'bob' && madeBy?.[0] === 'ann'),
    )
    ann.connect()
    ann.text.insert(8, 'three')
    const reader = await openDocument('Hocuspocus 4', url, 'notes', { user: 'cy' })
    await until('all agree', () => agree([ann, bob, reader], 'one two three'))
    expect(ann.saved).not.toBe(false)
    expect(ann.codes).not.toContain(4409)
  })

  test('a guest who signs in continues with the same document', async () => {
    const { url } = await serve({ directory: temporaryDirectory() })
    const guest = await openDocument(family, url, 'notes')
    guest.text.insert(0, 'as a guest ')
    const reader = await openDocument('Hocuspocus 4', url, 'notes', { user: 'cy' })
    await until('it arrives', () => agree([reader], 'as a guest '))
    guest.close()
    const ann = await openDocument(family, url, 'notes', { user: 'ann', doc: guest.doc })
    ann.text.insert(11, 'as ann')
    await until('it arrives', () => agree([reader, ann], 'as a guest as ann'))
    expect((await peopleOf(url)).map(({ id }) => id).toSorted()).toEqual(['', 'ann'])
  })

  test('a tab that was open before its document was imported continues', async () => {
    const { url } = await serve({ directory: temporaryDirectory() })
    const { doc } = changesOf((text) => text.insert(0, 'old '))
    const response = await fetch(`${url}/docs/notes/seed/update?user=importer`, {
      method: 'POST',
      body: Buffer.from(Y.encodeStateAsUpdate(doc)),
    })
    expect(response.status).toBe(200)
    doc.getText('t').insert(4, 'unsent')
    const ann = await openDocument(family, url, 'notes', { user: 'ann', doc })
    const reader = await openDocument('Hocuspocus 4', url, 'notes', { user: 'cy' })
    await until('all agree', () => agree([ann, reader], 'old unsent'))
    // The authors of imported content are unknown, and an import assigns no owner.
    const people = await peopleOf(url)
    expect(people).toContainEqual(expect.objectContaining({ id: 'importer', madeBy: [''] }))
    expect(people.find(({ id }) => id === 'ann')?.madeBy).toBeUndefined()
  })

  test('a part whose predecessor was lost waits, the rest is saved, and it goes in when that comes', async () => {
    const { url } = await serve({ directory: temporaryDirectory() })
    const { updates } = changesOf((text) => {
      text.insert(0, 'first ')
      text.insert(6, 'second ')
    })
    const [first, second] = updates
    if (first === undefined || second === undefined) throw new Error('two changes were made')
    const doc = new Y.Doc()
    Y.applyUpdate(doc, second)
    doc.getText('t').insert(0, 'mine ')
    const ann = await openDocument(family, url, 'notes', { user: 'ann', doc })
    const reader = await openDocument('Hocuspocus 4', url, 'notes', { user: 'cy' })
    await until('the sound part is there', () => agree([ann, reader], 'mine '))
    ann.text.insert(5, 'more ')
    await until('it goes on', () => agree([reader], 'mine more '))
    await until('it counts as saved', () => ann.saved !== false)
    const bob = await openDocument('Hocuspocus 4', url, 'notes', { user: 'bob' })
    Y.applyUpdate(bob.doc, first)
    await until('what waited is there', () =>
      ['first ', 'second ', 'mine more '].every((words) => reader.text.toString().includes(words)),
    )
    await until('all agree', () => agree([ann, bob], reader.text.toString()))
  })
})

describe('when a user takes the next clock of another client id', () => {
  /** Client 7 writes one letter at a clock, behind the one before. */
  const letter = (clock: number, char: string): Uint8Array => {
    const place = clock === 0 ? [4, 1, 1, 0x74] : [0x84, 7, clock - 1]
    return Uint8Array.from([1, 1, 7, clock, ...place, 1, char.charCodeAt(0), 0])
  }

  test('the history names the author, and the owner on y-websocket is notified and stays disconnected', async () => {
    const { url } = await serve({ directory: temporaryDirectory() })
    const ann = await connectDocument(url, '/notes?user=ann')
    const mallory = await connectDocument(url, '/notes?user=mallory')
    for (const one of [ann, mallory]) {
      one.send(0, 0, 1, 0)
      await one.find('0001')
    }
    const send = (to: typeof ann, update: Uint8Array) => to.send(0, 2, update.length, update)
    send(ann, letter(0, 'a'))
    await mallory.find('00020b01010700')
    send(mallory, letter(1, 'X'))
    await ann.find('00020a01010701')
    send(ann, letter(1, 'b'))
    const { code, reason } = await ann.closed()
    expect(code).toBe(4409)
    expect(reason).toContain('open a new copy')
    expect(await peopleOf(url)).toContainEqual(
      expect.objectContaining({ id: 'mallory', madeBy: ['ann'] }),
    )
    // Reopening the document gives a new client id, which is not refused.
    const again = await openDocument('y-websocket 3.1', url, 'notes', { user: 'ann' })
    again.text.insert(1, 'b')
    const reader = await openDocument('Hocuspocus 4', url, 'notes')
    await until('it is there', () => agree([again, reader], 'abX'))
  })

  test('the owner on Hocuspocus gets a code, and its document is closed', async () => {
    const { url } = await serve({ directory: temporaryDirectory() })
    const ann = await connectDocument(url, '?user=ann')
    const address = Buffer.from('\u0005notes').toString('hex')
    ann.send('notes', 2, 0, '')
    const mallory = await connectDocument(url, '/notes?user=mallory')
    const forged = letter(0, 'X')
    mallory.send(0, 2, forged.length, forged)
    await until('it is saved', async () => (await peopleOf(url)).length === 1)
    const honest = letter(0, 'a')
    ann.send('notes', 0, 2, honest.length, honest)
    const told = Buffer.from(await ann.find(`${address}05`), 'hex').toString()
    expect(told).toContain('"code":"CLIENT_ID_TAKEN"')
    await ann.find(`${address}0800`)
    await ann.find(`${address}07`)
    // The same bytes again are a duplicate, and relaying them is legitimate.
    const bob = await openDocument('Hocuspocus 4', url, 'notes', { user: 'bob' })
    expect(bob.text.toString()).toBe('X')
    Y.applyUpdate(bob.doc, forged)
    await until('bob has nothing unsaved', () => bob.saved === true)
  })
})
