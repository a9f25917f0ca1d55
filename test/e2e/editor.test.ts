import { writeFileSync } from 'node:fs'
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

describe.skipIf(!hasBrowser())('the editor that rusher init makes', () => {
  let app: ScaffoldedApp
  let server: ServedApp
  let browser: Browser

  beforeAll(async () => {
    app = scaffoldApp('editor')
    server = await serveApp(app.directory)
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.kill()
    app?.remove()
  })

  async function visit(
    name: string,
    page: string,
    options?: BrowserContextOptions,
  ): Promise<Writer> {
    const writer = await write(browser, `${server.url}/#${page}`, name, options)
    onTestFinished(async () => {
      await writer.leave()
      expect(writer.faults).toEqual([])
    })
    return writer
  }

  /** What the server has of a page. */
  const textOf = async (page: string) => (await fetch(`${server.url}/docs/${page}/text`)).text()

  const both = async (page: string) => [await visit('Ada', page), await visit('Bob', page)] as const

  it('shows two people what the other writes, the cursor with its name, and who is there', async () => {
    const [ada, bob] = await both('together')
    await ada.type('Hello from Ada.')
    await bob.sheet.getByText('Hello from Ada.').waitFor()
    await bob.page.locator('.caret-name', { hasText: 'Ada' }).waitFor()
    await ada.page.getByLabel('Also on this page').getByTitle('Bob').waitFor()
    await bob.type(' And Bob.')
    await ada.sheet.getByText('Hello from Ada. And Bob.').waitFor()
    // Each undoes only what is its own.
    await ada.tool('Undo')
    await until('Ada took hers back', async () => (await textOf('together')) === ' And Bob.')
    await bob.sheet.getByText('Hello from Ada.').waitFor({ state: 'detached' })
  })

  it('brings headings, marks, lists, quotes, code, tables and lines to the other', async () => {
    const [ada, bob] = await both('shapes')
    await ada.sheet.click()
    await ada.page.getByLabel('Style').selectOption('1')
    await ada.page.keyboard.type('Title\n')
    for (const [label, text] of [
      ['Bold', 'bold'],
      ['Italic', 'italic'],
      ['Code', 'code'],
    ] as const) {
      await ada.tool(label)
      await ada.page.keyboard.type(text)
      await ada.tool(label)
      await ada.page.keyboard.type(' ')
    }
    await ada.page.keyboard.press('Enter')
    await ada.tool('Bullet list')
    await ada.page.keyboard.type('one\ntwo\n\n')
    await ada.tool('Quote')
    await ada.page.keyboard.type('said\n\n')
    await ada.tool('Table')
    await ada.page.keyboard.type('cell')
    const topOf = () => ada.sheet.locator('table').evaluate((it) => it.getBoundingClientRect().top)
    const top = await topOf()
    const tableTools = ada.page.getByRole('toolbar', { name: 'Table' })
    for (const name of ['Row above', 'Row below', 'Column before', 'Column after', 'Delete row']) {
      await tableTools.getByRole('button', { name }).click()
    }
    expect(await topOf()).toBe(top)
    await bob.sheet.locator('h1', { hasText: 'Title' }).waitFor()
    await bob.sheet.locator('strong', { hasText: 'bold' }).waitFor()
    await bob.sheet.locator('em', { hasText: 'italic' }).waitFor()
    await bob.sheet.locator('p code', { hasText: 'code' }).waitFor()
    await until('the list is there', async () => (await bob.sheet.locator('ul li').count()) === 2)
    await bob.sheet.locator('blockquote', { hasText: 'said' }).waitFor()
    await until('the table has four rows of five cells', async () => {
      const cells = await bob.sheet.locator('tr').last().locator('td').count()
      return (await bob.sheet.locator('tr').count()) === 4 && cells === 5
    })
    await tableTools.getByRole('button', { name: 'Delete table' }).click()
    await bob.sheet.locator('table').waitFor({ state: 'detached' })
    await tableTools.waitFor({ state: 'detached' })
  })

  it('takes links of the web, and none that runs in the reader’s name', async () => {
    const [ada, bob] = await both('links')
    await ada.sheet.click()
    await ada.tool('Link')
    const address = ada.page.getByLabel('The address it leads to')
    await address.fill('javascript:alert(1)')
    await ada.page.keyboard.press('Enter')
    await ada.page.getByText('That is no address of the web').waitFor()
    await address.fill('example.org/page')
    await ada.page.keyboard.press('Enter')
    await bob.sheet.locator('a[href="https://example.org/page"]').waitFor()
    // The link is changed and removed where it is, and the cursor stays in the text.
    const bubble = ada.page.getByRole('region', { name: 'Link' })
    await ada.page.keyboard.press('ArrowLeft')
    await bubble.getByRole('link', { name: 'https://example.org/page' }).waitFor()
    await ada.page.keyboard.press('Control+k')
    await address.fill('example.org/other')
    await ada.page.keyboard.press('Escape')
    await address.waitFor({ state: 'detached' })
    expect(await ada.sheet.evaluate((it) => it === document.activeElement)).toBe(true)
    await bubble.getByRole('button', { name: 'Edit the link' }).click()
    await address.fill('example.org/other')
    await ada.page.keyboard.press('Enter')
    await bob.sheet.locator('a[href="https://example.org/other"]').waitFor()
    await bubble.getByRole('button', { name: 'Remove the link' }).click()
    await bob.sheet.locator('a').waitFor({ state: 'detached' })
    await bubble.waitFor({ state: 'detached' })
    // What comes past the editor is not shown as a link either.
    const bad = {
      type: 'text',
      text: 'click',
      marks: [{ type: 'link', attrs: { href: 'javascript:alert(1)' } }],
    }
    await fetch(`${server.url}/docs/links/json`, {
      method: 'PUT',
      body: JSON.stringify({ type: 'doc', content: [{ type: 'paragraph', content: [bad] }] }),
    })
    await bob.sheet.getByText('click').waitFor()
    expect(await bob.sheet.locator('a[href^="javascript"]').count()).toBe(0)
  })

  it('has a toolbar that is one stop of the tab key, with arrows, and a way back to the text', async () => {
    const ada = await visit('Ada', 'tools')
    const focused = () =>
      ada.page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
    await ada.type('Words')
    const toolbar = ada.page.getByRole('toolbar', { name: 'Formatting' })
    expect(await toolbar.locator('[tabindex="0"]').count()).toBe(1)
    const keys: readonly (readonly [string, string])[] = [
      ['Alt+F10', 'Undo'],
      ['ArrowRight', 'Redo'],
      ['End', 'Line'],
      ['ArrowRight', 'Undo'],
      ['ArrowLeft', 'Line'],
      ['Home', 'Undo'],
      ['Escape', 'Page Tools'],
      ['Shift+Tab', 'Title of the page'],
      ['Shift+Tab', 'Undo'],
    ]
    for (const [key, name] of keys) {
      await ada.page.keyboard.press(key)
      expect([key, await focused()]).toEqual([key, name])
    }
  })

  it('puts the first text into the welcome page once, however many come first', async () => {
    const writers = await Promise.all(['Ada', 'Bob', 'Cy'].map((name) => visit(name, 'welcome')))
    for (const { page, sheet } of writers) {
      await sheet.getByText('This page belongs to everybody').waitFor()
      expect(await sheet.getByText('Try this').count()).toBe(1)
      expect(await page.getByRole('heading', { level: 1, name: 'Welcome' }).count()).toBe(1)
    }
  })

  it('goes on offline, says so, and merges what was written on both sides', async () => {
    const [ada, bob] = await both('offline')
    await ada.type('Together. ')
    await bob.sheet.getByText('Together.').waitFor()
    const { port } = server
    await server.kill()
    await ada.state('Offline')
    await ada.type('Ada alone. ')
    await bob.type('Bob alone. ')
    await ada.state('Offline, kept in this browser')
    // What this browser kept is there after a reload, without the server.
    server = await serveApp(app.directory, { port })
    for (const { sheet } of [ada, bob]) {
      await sheet.getByText('Ada alone.').waitFor({ timeout: 60_000 })
      await sheet.getByText('Bob alone.').waitFor({ timeout: 60_000 })
    }
    await ada.state('Saved')
    await bob.state('Saved')
  })

  it('has everything that it showed as saved after kill -9, for somebody who was never there', async () => {
    const ada = await visit('Ada', 'kept')
    await ada.type('Saved before the end.')
    await until('the server has it', async () =>
      (await (await fetch(`${server.url}/docs/kept/text`)).text()).includes(
        'Saved before the end.',
      ),
    )
    await ada.state('Saved')
    const { port } = server
    await server.kill()
    await ada.leave()
    server = await serveApp(app.directory, { port })
    const cy = await write(browser, `${server.url}/#kept`, 'Cy')
    await cy.sheet.getByText('Saved before the end.').waitFor()
    await cy.leave()
  })

  it('shows who wrote when, what was there then, and brings it back for everybody', async () => {
    const [ada, bob] = await both('history')
    await ada.type('The first version.')
    await bob.sheet.getByText('The first version.').waitFor()
    await ada.state('Saved')
    const { versions } = (await (await fetch(`${server.url}/docs/history/versions`)).json()) as {
      versions: { id: number }[]
    }
    await bob.type(' Spoilt.')
    await ada.sheet.getByText('Spoilt.').waitFor()
    // Two stretches of work, although there was no pause of half a minute between them.
    await ada.page.route('**/docs/history/versions?*', async (route) => {
      const response = await route.fetch()
      const now = (await response.json()) as { versions: { id: number }[] }
      const [first] = versions.slice(-1)
      await route.fulfill({
        json: { versions: [...now.versions, { ...now.versions[0], ...first }] },
      })
    })
    await ada.page.getByRole('button', { name: 'History', exact: true }).click()
    await ada.page.getByRole('button', { name: /Ada, Bob/ }).click()
    const preview = ada.page.getByRole('dialog', { name: 'An earlier version' })
    await preview.locator('ins', { hasText: 'Spoilt.' }).waitFor()
    await preview.getByText('1 added').waitFor()
    expect(await preview.locator('ins').textContent()).toBe('[added:]  Spoilt. [end] ')
    await preview.getByLabel('Show what changed').uncheck()
    await preview.getByText('The first version. Spoilt.').waitFor()
    expect(await preview.locator('ins').count()).toBe(0)
    await ada.page.keyboard.press('Escape')
    await preview.waitFor({ state: 'detached' })
    await fetch(`${server.url}/docs/history/versions/${versions[0]?.id}/restore`, {
      method: 'POST',
    })
    await until('it is back there', async () => (await textOf('history')) === 'The first version.')
    for (const { sheet } of [ada, bob])
      await sheet.getByText('Spoilt.').waitFor({ state: 'detached' })
    await ada.page.getByRole('button', { name: 'Close the history' }).click()
  })

  it('can be read without changing anything, and works on a phone in the dark', async () => {
    const ada = await visit('Ada', 'reading', {
      viewport: { width: 390, height: 844 },
      colorScheme: 'dark',
      hasTouch: true,
    })
    await ada.type('Words.')
    await ada.state('Saved')
    await ada.page.getByRole('button', { name: 'Read without changing' }).click()
    expect(await ada.page.getByRole('toolbar').count()).toBe(0)
    expect(await ada.sheet.getAttribute('contenteditable')).toBe('false')
    const width = await ada.page.evaluate(() => document.documentElement.scrollWidth)
    expect(width).toBeLessThanOrEqual(390)
    await ada.page.getByRole('button', { name: 'Pages and people' }).click()
    await ada.page.getByRole('link', { name: 'Notes' }).click()
    await ada.page.getByRole('heading', { name: 'Notes', level: 1 }).waitFor()
  })

  it('shows somebody who may only read the page, says so, and offers nothing that would change it', async () => {
    const config = join(app.directory, 'readers.config.mjs')
    const permit = `(identity, channel, act) => act === 'read' || !channel.startsWith('doc:')`
    writeFileSync(config, `export default { storage: 'memory:', permit: ${permit} }`)
    const readers = await serveApp(app.directory, { config })
    const context = await browser.newContext()
    onTestFinished(async () => {
      await context.close()
      await readers.kill()
    })
    const page = await context.newPage()
    await page.goto(`${readers.url}/#notes`)
    await page.getByLabel('Your name').fill('Ada')
    await page.keyboard.press('Enter')
    await page.getByText('You can read this page but not change it.').waitFor()
    await page.locator('.save-state', { hasText: 'Read only' }).waitFor()
    expect(await page.getByRole('toolbar').count()).toBe(0)
  })
})
