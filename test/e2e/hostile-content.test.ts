import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import * as Y from 'yjs'
import { openDocument } from '../documents/parts/providers.ts'
import { awarenessOf, connectDocument } from '../documents/parts/raw-document.ts'
import { until } from '../parts/until.ts'
import { hasBrowser, launchBrowser } from './parts/browser.ts'
import {
  type ScaffoldedApp,
  type ServedApp,
  scaffoldApp,
  serveApp,
} from './parts/scaffolded-app.ts'
import { type Writer, write } from './parts/writer.ts'

type Root = Y.XmlFragment

function element(name: string, attributes: object = {}, ...children: (Y.XmlElement | Y.XmlText)[]) {
  const made = new Y.XmlElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value as never)
  made.insert(0, children)
  return made
}

function marked(words: string, marks: object): Y.XmlElement {
  const text = new Y.XmlText()
  text.insert(0, words, marks)
  return element('paragraph', {}, text)
}

const cell = (attributes: object) =>
  element(
    'table',
    {},
    element('tableRow', {}, element('tableCell', attributes, marked('in a cell', {}))),
  )

/** What the editor shows in spite of what is wrong with it. */
const shown: readonly [string, (root: Root) => void][] = [
  ['a link whose address is a number', (root) => root.push([marked('a', { link: { href: 7 } })])],
  [
    'a link that runs code',
    (root) => root.push([marked('a', { link: { href: 'javascript:document.title="hit"' } })]),
  ],
  ['a link that is no object', (root) => root.push([marked('a', { link: 'x' })])],
  ['a cell over 10^9 columns', (root) => root.push([cell({ colspan: 1e9 })])],
  ['a cell over text of columns', (root) => root.push([cell({ colspan: 'x', rowspan: {} })])],
  ['a cell with widths of text', (root) => root.push([cell({ colspan: 2, colwidth: 'x' })])],
  ['a heading of level 99', (root) => root.push([element('heading', { level: 99 })])],
  ['a heading of level {}', (root) => root.push([element('heading', { level: { a: 1 } })])],
  ['a picture of a number', (root) => root.push([element('image', { src: 5, width: {} })])],
  [
    'a picture that is a page',
    (root) => root.push([element('image', { src: 'data:text/html,<script>1</script>' })]),
  ],
  ['a list that begins at {}', (root) => root.push([element('orderedList', { start: {} })])],
  ['an element without a name', (root) => root.push([element('')])],
  ['an element of markup', (root) => root.push([element('<img src=x onerror=alert(1)>')])],
  [
    'listeners and styles',
    (root) => root.push([element('paragraph', { onclick: 'alert(1)', style: 5, class: {} })]),
  ],
]

/** What no ProseMirror editor can render: the page says so and shows the text. */
const notShown: readonly [string, (root: Root) => void][] = [
  ['a map among paragraphs', (root) => root.push([new Y.Map() as never])],
  ['a map in a paragraph', (root) => (root.get(0) as Y.XmlElement).push([new Y.Map() as never])],
  ['a list in a paragraph', (root) => (root.get(0) as Y.XmlElement).push([new Y.Array() as never])],
]

describe.skipIf(!hasBrowser())('a page of the editor, with what no editor writes in it', () => {
  let app: ScaffoldedApp
  let server: ServedApp
  let browser: Browser

  beforeAll(async () => {
    app = scaffoldApp('editor')
    // Without the server's guard: the pages have to survive what is older than it.
    const config = join(app.directory, 'unguarded.config.mjs')
    writeFileSync(config, `export default { storage: 'memory:', documents: { schema: 'off' } }`)
    server = await serveApp(app.directory, { config })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.kill()
    app?.remove()
  })

  /** Puts honest words into a page, and gives a way to write in it without an editor. */
  async function seed(page: string): Promise<(act: (root: Root) => void) => void> {
    const { doc } = await openDocument('y-websocket 3.1', server.url, page, { user: 'mallory' })
    doc.getXmlFragment('default').push([marked('Honest words.', {})])
    return (act) => doc.transact(() => act(doc.getXmlFragment('default')))
  }

  /** Opens a page. Errors that the page shows to the user are not failures here. */
  async function visit(page: string): Promise<Writer> {
    const writer = await write(browser, `${server.url}/#${page}`, 'Ada')
    onTestFinished(async () => {
      await writer.leave()
      expect(writer.faults.filter((fault) => !fault.startsWith('console: '))).toEqual([])
    })
    return writer
  }

  const nameOf = (index: number, when: string) => `${when}-${index}`

  it.each(shown.map((one, index) => [...one, index] as const))(
    'shows the rest, can be written in, and runs nothing: %s',
    async (_what, act, index) => {
      const before = nameOf(index, 'stored')
      const writeStored = await seed(before)
      writeStored(act)
      const late = await visit(before)
      await late.sheet.getByText('Honest words.').waitFor()
      await late.sheet.getByText('Honest words.').click()
      await late.page.keyboard.press('End')
      await late.page.keyboard.type(' And more.')
      await late.state('Saved')
      expect(await late.page.title()).not.toContain('hit')
      expect(
        await late.sheet.locator('a[href^="javascript"], [onclick], img[onerror]').count(),
      ).toBe(0)

      const live = nameOf(index, 'live')
      const writeLive = await seed(live)
      const early = await visit(live)
      await early.sheet.getByText('Honest words.').waitFor()
      writeLive(act)
      writeLive((root) => root.push([marked('Afterwards.', {})]))
      await early.sheet.getByText('Afterwards.').waitFor()
      expect(await early.sheet.getByText('Honest words.').count()).toBe(1)
    },
  )

  it.each(notShown.map((one, index) => [...one, index] as const))(
    'says that it cannot be shown, shows its text, and offers it as a file: %s',
    async (_what, act, index) => {
      const live = nameOf(index, 'broken')
      const writeLive = await seed(live)
      const early = await visit(live)
      await early.sheet.getByText('Honest words.').waitFor()
      // Beside it, in the same breath, something honest: the editor missed it, and must not take it
      // away.
      writeLive((root) => {
        act(root)
        root.push([marked('Said meanwhile.', {})])
      })
      for (let look = 0; look < 2; look += 1) {
        await early.page.getByRole('heading', { name: 'This page could not be shown' }).waitFor()
        const text = await early.page.getByLabel('The text of the page').textContent()
        expect(text).toContain('Honest words.')
        expect(text).toContain('Said meanwhile.')
        await early.page.getByRole('button', { name: 'Try again' }).click()
        await early.page.getByRole('heading', { name: 'This page could not be shown' }).waitFor()
        await early.page.reload()
      }
      await early.page.getByRole('button', { name: 'Save a copy' }).click()
      const [file] = await Promise.all([
        early.page.waitForEvent('download'),
        early.page.getByRole('button', { name: 'Markdown' }).click(),
      ])
      expect(file.suggestedFilename()).toBe(`Broken ${index}.md`)
      // Once it can be shown, it is.
      writeLive((root) => {
        const at = root.toArray().findIndex((child) => !(child instanceof Y.XmlElement))
        if (at >= 0) root.delete(at, 1)
        else (root.get(0) as Y.XmlElement).delete(1, 1)
      })
      await until('it is shown', async () => {
        await early.page.getByRole('button', { name: 'Try again' }).click()
        return (await early.page.locator('.sheet .prose').count()) === 1
      })
      await early.sheet.getByText('Honest words.').waitFor()
      await early.sheet.getByText('Said meanwhile.').waitFor()
    },
  )

  it('has none of it where the server looks at what is stored', async () => {
    const config = join(app.directory, 'guarded.config.mjs')
    writeFileSync(config, `export default { storage: 'memory:' }`)
    const guarded = await serveApp(app.directory, { config })
    onTestFinished(() => guarded.kill())
    const { doc } = await openDocument('y-websocket 3.1', guarded.url, 'guarded')
    const root = doc.getXmlFragment('default')
    root.push([marked('Honest words.', {})])
    const early = await write(browser, `${guarded.url}/#guarded`, 'Ada')
    for (const [, act] of [...shown, ...notShown]) doc.transact(() => act(root))
    root.push([marked('Afterwards.', {})])
    await early.sheet.getByText('Afterwards.').waitFor()
    await early.type(' More.')
    await early.state('Saved')
    await early.page.reload()
    await early.sheet.getByText('Afterwards.').waitFor()
    expect(await early.page.locator('main').getByRole('alert').count()).toBe(0)
    const stored = await (await fetch(`${guarded.url}/docs/guarded/json`)).text()
    for (const bad of ['javascript', '1000000000', 'text/html', 'onclick', '99'])
      expect(stored).not.toContain(bad)
    const { faults } = early
    await early.leave()
    expect(faults).toEqual([])
  })

  it('keeps working when a client sends malformed presence', async () => {
    await seed('nonsense')
    const ada = await visit('nonsense')
    const id = { client: 1, clock: 0 }
    for (const [index, state] of [
      { user: 5, cursor: 7 },
      { user: null, cursor: { anchor: 1, head: {} } },
      { user: { name: { a: 1 }, color: 'url(//x)' }, cursor: { anchor: { type: 5 }, head: null } },
      {
        user: { name: 'x'.repeat(3_000), id: {} },
        cursor: { anchor: { item: id }, head: { item: id } },
      },
      { user: [], cursor: { anchor: { tname: 'other' }, head: { tname: '__proto__' } } },
      'text',
      [1],
    ].entries()) {
      const raw = await connectDocument(server.url, '/nonsense')
      raw.send(0, 0, 1, 0)
      raw.send(awarenessOf(1_000 + index, 1, JSON.stringify(state)))
    }
    const bob = await visit('nonsense')
    await bob.type(' Bob.')
    await ada.sheet.getByText('Bob.').waitFor()
    await ada.page.locator('.caret-name').first().waitFor()
    await ada.type(' Ada.')
    await bob.sheet.getByText('Ada.').waitFor()
  })

  it('runs nothing that gets into it, and breaks no rule of its policy by itself', async () => {
    await seed('policy')
    const ada = await visit('policy')
    const violations = (): Promise<number> =>
      ada.page.evaluate('globalThis.violations?.length ?? -1') as Promise<number>
    await ada.page.evaluate(`globalThis.violations = []
      document.addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective))`)
    // Pasted as a browser gives it, with styles and worse.
    await ada.sheet.getByText('Honest words.').click()
    await ada.page.evaluate(`{
      const data = new DataTransfer()
      data.setData('text/html', '<p style="color: red" onclick="ran = 1">Pasted <b style="font-weight: 900">words</b><img src="data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==" onerror="ran = 1"></p><script>ran = 1</' + 'script>')
      document.querySelector('.prose').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
    }`)
    await ada.sheet.locator('strong', { hasText: 'words' }).waitFor()
    await ada.tool('Table')
    await ada.state('Saved')
    expect(await violations()).toBe(0)
    // What an attacker would inject through an unknown vulnerability.
    await ada.page.evaluate(`{
      const script = document.createElement('script')
      script.textContent = 'globalThis.ran = 1'
      document.body.append(script)
      const far = document.createElement('script')
      far.src = 'https://example.org/x.js'
      document.body.append(far)
      const holder = document.createElement('div')
      holder.innerHTML = '<img src="/none.png" onerror="globalThis.ran = 1"><a href="javascript:globalThis.ran = 1" id="bad">x</a>'
      document.body.append(holder)
      document.getElementById('bad').click()
    }`)
    await until('all of it was kept from running', async () => (await violations()) >= 4)
    expect(await ada.page.evaluate('globalThis.ran')).toBeUndefined()
  })
})
