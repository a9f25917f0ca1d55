import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { hasBrowser, launchBrowser } from './parts/browser.ts'
import {
  type ScaffoldedApp,
  type ServedApp,
  scaffoldApp,
  serveApp,
} from './parts/scaffolded-app.ts'
import { type Writer, write } from './parts/writer.ts'

describe.skipIf(!hasBrowser())('the workspace that rusher init makes', () => {
  let app: ScaffoldedApp
  let server: ServedApp
  let browser: Browser

  beforeAll(async () => {
    app = scaffoldApp('workspace')
    server = await serveApp(app.directory)
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.kill()
    app?.remove()
  })

  async function visit(name: string, page: string, options = {}): Promise<Writer> {
    const writer = await write(browser, `${server.url}/#${page}`, name, options)
    onTestFinished(async () => {
      await writer.leave()
      expect(writer.faults).toEqual([])
    })
    return writer
  }

  const say = async ({ page }: Writer, text: string) => {
    await page.getByRole('textbox', { name: /^Message #/ }).fill(text)
    await page.keyboard.press('Enter')
  }

  it('has a chat beside each page, and both reach the other', async () => {
    const ada = await visit('Ada', 'plans')
    const bob = await visit('Bob', 'plans')
    await ada.type('The plan.')
    await say(ada, 'What do you think of it?')
    await bob.sheet.getByText('The plan.').waitFor()
    await bob.page.locator('.bubble', { hasText: 'What do you think of it?' }).waitFor()
    await ada.page.locator('.delivery.saved').last().waitFor()
    await ada.state('Saved')
    await bob.page.getByRole('link', { name: 'Notes' }).click()
    await bob.page.getByText('This is the beginning of').waitFor()
    expect(await bob.page.locator('.bubble').count()).toBe(0)
  })

  it('shows on a phone one of the two, and says when there is something new in the other', async () => {
    const ada = await visit('Ada', 'phone')
    const bob = await visit('Bob', 'phone', {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
    })
    expect(await bob.page.getByRole('textbox', { name: /^Message #/ }).isVisible()).toBe(false)
    await say(ada, 'Hello phone')
    await bob.page.getByLabel('New messages').waitFor()
    await bob.page.getByRole('button', { name: /^Chat/ }).click()
    await bob.page.locator('.bubble', { hasText: 'Hello phone' }).waitFor()
    expect(await bob.sheet.isVisible()).toBe(false)
    await bob.page.getByRole('button', { name: 'Page', exact: true }).click()
    await bob.sheet.waitFor()
    const width = await bob.page.evaluate(() => document.documentElement.scrollWidth)
    expect(width).toBeLessThanOrEqual(390)
  })

  it('makes a page for everybody', async () => {
    const ada = await visit('Ada', 'notes')
    const bob = await visit('Bob', 'notes')
    await ada.page.getByRole('textbox', { name: 'New page' }).fill('Team Picnic')
    await ada.page.keyboard.press('Enter')
    await ada.page.getByRole('heading', { name: 'Team picnic', level: 1 }).waitFor()
    await bob.page.getByRole('link', { name: 'Team picnic' }).click()
    await ada.type('Bring cake.')
    await bob.sheet.getByText('Bring cake.').waitFor()
  })
})
