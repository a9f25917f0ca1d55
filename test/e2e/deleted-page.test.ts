import { readFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { until } from '../parts/until.ts'
import { hasBrowser, launchBrowser } from './parts/browser.ts'
import { type ScaffoldedApp, scaffoldApp, serveApp } from './parts/scaffolded-app.ts'
import { type Writer, write } from './parts/writer.ts'

describe.skipIf(!hasBrowser())('a page that is deleted while people have it open', () => {
  let app: ScaffoldedApp
  let browser: Browser
  let url = ''
  let kill = async () => {}

  beforeAll(async () => {
    app = scaffoldApp('editor')
    browser = await launchBrowser()
    const server = await serveApp(app.directory)
    url = server.url
    kill = server.kill
  })
  afterAll(async () => {
    await browser?.close()
    await kill()
    app?.remove()
  })

  async function visit(page: string, name: string): Promise<Writer> {
    const writer = await write(browser, `${url}/#${page}`, name)
    onTestFinished(async () => {
      await writer.leave()
      expect(writer.faults).toEqual([])
    })
    return writer
  }

  const heading = ({ page }: Writer) =>
    page.getByRole('alert').getByRole('heading', { name: 'This page was deleted' })
  const picture = process.env['E2E_PICTURES']

  /** Takes pictures of the page for somebody to look at, where a folder for them is named. */
  async function look({ page }: Writer, name: string): Promise<void> {
    if (picture === undefined) return
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [1280, 390]) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width, height: 800 })
        const path = `${picture}/${name}-${colorScheme}-${width}.png`
        await page.screenshot({ path, animations: 'disabled' })
      }
    }
  }

  it.each(['welcome', 'shared'])('says so on %s, and opens it as it is now', async (name) => {
    const ada = await visit(name, 'Ada')
    await ada.type('Words of Ada.')
    await ada.state('Saved')
    const bob = await visit(name, 'Bob')
    await bob.type('Words of Bob.')
    await bob.state('Saved')
    await ada.page.locator('.caret').waitFor()
    await fetch(`${url}/docs/${name}`, { method: 'DELETE' })

    for (const writer of [ada, bob]) {
      await heading(writer).waitFor()
      await writer.state('Deleted')
      await until('it can no longer be written in', async () => {
        return (await writer.sheet.getAttribute('contenteditable')) === 'false'
      })
      await writer.page.locator('.caret').waitFor({ state: 'detached' })
      expect(await writer.page.locator('.faces li').count()).toBe(0)
      expect(await writer.page.getByText('You do not have access').count()).toBe(0)
    }
    await look(ada, `${name}-deleted`)

    // Somebody else begins anew. What Ada had stays apart from that.
    const eve = await visit(name, 'Eve')
    await eve.type('A new start.')
    await eve.state('Saved')
    await ada.page.reload()
    await heading(ada).waitFor()
    await ada.state('Deleted')
    await ada.sheet.getByText('Words of Ada.').waitFor()
    expect(await ada.sheet.getByText('A new start.').count()).toBe(0)

    await ada.page.getByRole('button', { name: 'Open the page as it is now' }).click()
    await ada.state('Saved')
    await ada.sheet.getByText('A new start.').waitFor()
    expect(await ada.sheet.getByText('Words of Ada.').count()).toBe(0)
    await ada.type(' Ada is back.')
    await eve.sheet.getByText('Ada is back.').waitFor()
    await ada.page.reload()
    await ada.state('Saved')
    expect(await heading(ada).count()).toBe(0)

    await ada.page.getByRole('button', { name: 'History' }).click()
    const kept = ada.page.getByRole('region', { name: 'Copies kept in this browser' })
    await kept.getByText('This page was deleted').waitFor()
    await look(ada, `${name}-kept`)
    await kept.getByRole('button', { name: 'Save a copy' }).click()
    const [file] = await Promise.all([
      ada.page.waitForEvent('download'),
      ada.page.getByRole('button', { name: /^Text/ }).click(),
    ])
    expect(readFileSync(await file.path(), 'utf8')).toContain('Words of Ada.')
  })

  it('says so to somebody who was away meanwhile, whose copy still has the old content', async () => {
    const ada = await visit('away', 'Ada')
    await ada.type('Written before.')
    await ada.state('Saved')
    // The server may have it before this browser's own copy does.
    await expect.poll(() => ada.page.evaluate(hasKept, 'Written before.')).toBe(true)
    await ada.page.goto('about:blank')
    await fetch(`${url}/docs/away`, { method: 'DELETE' })
    await ada.page.goto(`${url}/#away`)
    await heading(ada).waitFor()
    await ada.state('Deleted')
    await ada.sheet.getByText('Written before.').waitFor()
    await ada.page.getByRole('button', { name: 'Open the page as it is now' }).click()
    await ada.state('Saved')
    expect(await ada.sheet.getByText('Written before.').count()).toBe(0)
  })
})

/** Runs in the page: whether a local copy of a document holds every letter of a text. */
async function hasKept(text: string): Promise<boolean> {
  const databases = await indexedDB.databases()
  for (const { name = '' } of databases) {
    const opened = indexedDB.open(name)
    await new Promise((resolve) => opened.addEventListener('success', resolve))
    const database = opened.result
    if (!database.objectStoreNames.contains('updates')) continue
    const read = database.transaction('updates').objectStore('updates').getAll()
    await new Promise((resolve) => read.addEventListener('success', resolve))
    database.close()
    const kept = (read.result as Uint8Array[])
      .map((update) => new TextDecoder('latin1').decode(update))
      .join('')
    if ([...text].every((letter) => kept.includes(letter))) return true
  }
  return false
}
