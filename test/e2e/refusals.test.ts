import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { until } from '../parts/until.ts'
import { hasBrowser, launchBrowser } from './parts/browser.ts'
import {
  type ScaffoldedApp,
  type ServedApp,
  scaffoldApp,
  serveApp,
} from './parts/scaffolded-app.ts'
import { type Writer, write } from './parts/writer.ts'

describe.skipIf(!hasBrowser())('a page whose changes the server does not take', () => {
  let app: ScaffoldedApp
  let browser: Browser

  beforeAll(async () => {
    app = scaffoldApp('editor')
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    app?.remove()
  })

  let configs = 0

  /** Serves the app with more in its configuration, on the same data where a database is named. */
  async function serve(more: string, port = 0): Promise<ServedApp> {
    configs += 1
    const config = join(app.directory, `refusing-${configs}.config.mjs`)
    writeFileSync(config, `export default { ${more} }`)
    const server = await serveApp(app.directory, { config, port })
    onTestFinished(() => server.kill())
    return server
  }

  async function visit(
    { url }: ServedApp,
    page: string,
    options?: BrowserContextOptions,
  ): Promise<Writer> {
    const writer = await write(browser, `${url}/#${page}`, 'Ada', options)
    onTestFinished(async () => {
      await writer.leave()
      expect(writer.faults).toEqual([])
    })
    return writer
  }

  async function save({ page }: Writer, format: RegExp): Promise<string> {
    await page.getByRole('button', { name: 'Save a copy' }).first().click()
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: format }).click(),
    ])
    return readFileSync(await file.path(), 'utf8')
  }

  /** Pastes twice what fits into a page of 4 KB. */
  async function overfill(ada: Writer): Promise<void> {
    for (const words of ['long ', 'more ']) {
      await ada.page.evaluate(`{
        const data = new DataTransfer()
        data.setData('text/plain', 'Pasted. ' + '${words}'.repeat(550))
        document.querySelector('.prose').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
      }`)
      if (words === 'long ') await ada.state('Saved')
    }
  }

  const editable = ({ sheet }: Writer) => sheet.getAttribute('contenteditable')
  const textOf = async ({ url }: ServedApp, page: string) =>
    (await fetch(`${url}/docs/${page}/text`)).text()

  it('says so and why, gives the text as a file, and opens the saved version for good', async () => {
    const server = await serve(`storage: 'memory:', limits: { documentBytesMax: 4096 }`)
    const ada = await visit(server, 'full')
    await ada.type('Before. ')
    await ada.state('Saved')
    await overfill(ada)
    const alert = ada.page.getByRole('alert')
    await alert.getByRole('heading', { name: 'The page is full' }).waitFor()
    await ada.state('Not saved')
    // After a reload too: it is not silent, and what was written is there.
    await ada.page.reload()
    await alert.getByRole('heading', { name: 'The page is full' }).waitFor()
    await ada.sheet.getByText('Before. Pasted. long').waitFor()
    expect(await save(ada, /^Text/)).toContain('Pasted. more')
    expect(await save(ada, /^Markdown/)).toContain('Pasted. more')
    expect(await save(ada, /^Web page/)).toContain('<p>Before. Pasted. long')
    expect(JSON.parse(await save(ada, /^JSON/))).toMatchObject({
      type: 'doc',
      content: [{ type: 'paragraph' }],
    })

    await ada.page.getByRole('button', { name: 'Open the saved version' }).click()
    await ada.state('Saved')
    await ada.sheet.getByText('Before.').waitFor()
    expect(await ada.sheet.getByText('more').count()).toBe(0)
    await ada.type('After.')
    await ada.state('Saved')
    await until('the server has it', async () => {
      return (await textOf(server, 'full')).endsWith('After.')
    })
    // For good: nothing is refused again after a reload, and the copy is still there.
    await ada.page.reload()
    await ada.state('Saved')
    await ada.sheet.getByText('After.').waitFor()
    await ada.page.getByRole('button', { name: 'History' }).click()
    await ada.page.getByRole('heading', { name: 'Copies kept in this browser' }).waitFor()
    expect(await save(ada, /^Text/)).toContain('Pasted. more')
    await ada.page.getByRole('button', { name: 'Delete' }).click()
    await ada.page.getByRole('button', { name: 'Yes, delete it' }).click()
    await ada.page.getByRole('heading', { name: 'Copies kept' }).waitFor({ state: 'detached' })
  })

  it('can be written in while it is full, and is saved once there is room', async () => {
    const server = await serve(`storage: 'memory:', limits: { documentBytesMax: 4096 }`)
    const ada = await visit(server, 'room')
    await overfill(ada)
    await ada.page.getByRole('heading', { name: 'The page is full' }).waitFor()
    await ada.state('Not saved')
    await until('it can be written in', async () => (await editable(ada)) === 'true')
    await ada.sheet.click()
    await ada.page.keyboard.press('Control+A')
    await ada.page.keyboard.type('Short.')
    await ada.state('Saved')
    await ada.page.getByRole('heading', { name: 'The page is full' }).waitFor({ state: 'detached' })
    expect((await textOf(server, 'room')).trim()).toBe('Short.')
  })

  const readers = `(identity, channel, act) => act === 'read' || !channel.startsWith('doc:')`
  const nobody = `(identity, channel) => !channel.startsWith('doc:')`

  it('says that the right to write is gone, with what was written meanwhile', async () => {
    const storage = `storage: 'sqlite:./data/lost-right.db'`
    const before = await serve(storage)
    const ada = await visit(before, 'lost')
    await ada.type('Together. ')
    await ada.state('Saved')
    await before.kill()
    await ada.state('Offline')
    await ada.type('Alone.')
    await ada.state('Offline, kept in this browser')
    await serve(`${storage}, permit: ${readers}`, before.port)
    await ada.page.getByRole('heading', { name: 'This page is now read-only for you' }).waitFor()
    await ada.state('Not saved')
    await until('it can no longer be written in', async () => (await editable(ada)) === 'false')
    expect(await ada.page.getByRole('toolbar').count()).toBe(0)
    expect(await save(ada, /^Text/)).toContain('Together. Alone.')
    await ada.page.getByRole('button', { name: 'Open the saved version' }).click()
    await ada.state('Read only')
    await ada.sheet.getByText('Together.').waitFor()
    expect(await ada.sheet.getByText('Alone.').count()).toBe(0)
    expect(await ada.page.locator('main').getByRole('alert').count()).toBe(0)
  })

  it('says that it may not be opened any more, and gives the copy of this browser', async () => {
    const storage = `storage: 'sqlite:./data/denied.db'`
    const before = await serve(storage)
    const ada = await visit(before, 'denied')
    await ada.type('Words of mine.')
    await ada.state('Saved')
    await before.kill()
    await ada.state('Offline')
    await serve(`${storage}, permit: ${nobody}`, before.port)
    await ada.page.getByRole('heading', { name: 'You do not have access to this page' }).waitFor()
    await ada.state('No access')
    await until('it can no longer be written in', async () => (await editable(ada)) === 'false')
    expect(await save(ada, /^Markdown/)).toBe('# Denied\n\nWords of mine.\n')
  })

  it('changes nothing by being opened, and shows no error to a reader', async () => {
    const storage = `storage: 'sqlite:./data/untouched.db'`
    const before = await serve(storage)
    const paragraph = { type: 'paragraph', content: [{ type: 'text', text: 'in it' }] }
    const rows = [{ type: 'tableRow', content: [{ type: 'tableCell', content: [paragraph] }] }]
    await fetch(`${before.url}/docs/table/json`, {
      method: 'PUT',
      body: JSON.stringify({ type: 'doc', content: [{ type: 'table', content: rows }] }),
    })
    const bytes = async ({ url }: ServedApp) =>
      Buffer.from(await (await fetch(`${url}/docs/table/update`)).arrayBuffer()).toString('hex')
    const was = await bytes(before)
    const ada = await visit(before, 'table')
    await ada.sheet.getByText('in it').click()
    await ada.page.keyboard.press('ArrowRight')
    await ada.state('Saved')
    expect(await bytes(before)).toBe(was)
    // Writing in it makes room below.
    await ada.page.keyboard.type('!')
    await until('there is a paragraph at the end', async () => {
      return (await ada.sheet.locator('> p:last-child').count()) === 1
    })
    await ada.state('Saved')
    await before.kill()
    const after = await serve(`${storage}, permit: ${readers}`)
    const context = await browser.newContext()
    onTestFinished(() => context.close())
    const page = await context.newPage()
    await page.goto(`${after.url}/#table`)
    await page.getByLabel('Your name').fill('Bob')
    await page.keyboard.press('Enter')
    await page.locator('.save-state', { hasText: 'Read only' }).waitFor()
    await page.locator('.sheet .prose').getByText('in it').click()
    await page.reload()
    await page.locator('.save-state', { hasText: 'Read only' }).waitFor()
    await page.locator('.sheet .prose').getByText('in it').waitFor()
    expect(await page.locator('main').getByRole('alert').count()).toBe(0)
  })

  it('opens a page in an outage, says that it is offline, and brings what was written later', async () => {
    const storage = `storage: 'sqlite:./data/outage.db'`
    const before = await serve(storage)
    const ada = await visit(before, 'first')
    await before.kill()
    await ada.state('Offline')
    await ada.page.evaluate(`location.hash = '#never-seen'`)
    await ada.page.getByRole('heading', { name: 'Never seen', level: 1 }).waitFor()
    await ada.state('Offline')
    await until('it can be written in', async () => (await editable(ada)) === 'true')
    await ada.type('Written in the dark.')
    await ada.state('Offline, kept in this browser')
    const after = await serve(storage, before.port)
    await ada.state('Saved')
    expect(await textOf(after, 'never-seen')).toContain('Written in the dark.')
  })

  it('is never called saved before the server has what this browser kept', async () => {
    const storage = `storage: 'sqlite:./data/early.db'`
    const before = await serve(storage)
    const ada = await visit(before, 'early')
    await ada.type('First. ')
    await ada.state('Saved')
    await before.kill()
    await ada.state('Offline')
    await ada.type('Meanwhile.')
    await ada.state('Offline, kept in this browser')
    const after = await serve(storage, before.port)
    // Each time that the page says Saved from here on, the server is asked at once.
    await ada.page.addInitScript(`globalThis.saved = []
      new MutationObserver(() => {
        if (document.querySelector('.save-state.saved') !== null && globalThis.saved.length === 0)
          globalThis.saved.push(fetch('/docs/early/text').then((answer) => answer.text()))
      }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true })`)
    await ada.page.reload()
    await ada.state('Saved')
    expect(await ada.page.evaluate('globalThis.saved[0]')).toContain('First. Meanwhile.')
    expect(await textOf(after, 'early')).toContain('First. Meanwhile.')
  })
})
