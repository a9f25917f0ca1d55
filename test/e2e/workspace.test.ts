import axe from 'axe-core'
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

  const heading = ({ page }: Writer, name: string) =>
    page.getByRole('heading', { level: 1, name, exact: true })

  const focused = ({ page }: Writer) =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label'))

  it('makes a page with a title in any language, for everybody, and focuses what comes next', async () => {
    const ada = await visit('Ada', 'notes')
    const bob = await visit('Bob', 'notes')
    expect(await focused(ada)).toBe('Page Notes')
    await ada.page.getByRole('button', { name: 'New page' }).click()
    await heading(ada, 'Untitled').waitFor()
    await expect.poll(() => focused(ada)).toBe('Title of the page')
    await ada.page.keyboard.type('团队野餐 🎉')
    await bob.page.getByRole('link', { name: '团队野餐 🎉' }).click()
    await heading(bob, '团队野餐 🎉').waitFor()
    // Typed on at once: no letter is lost between the title and the text.
    await ada.page.keyboard.press('Enter')
    await ada.page.keyboard.type('Bring cake.')
    await bob.sheet.getByText('Bring cake.').waitFor()
    expect(await focused(ada)).toBe('Page 团队野餐 🎉')
    // The title is the heading, the entry in the list and the title of the tab, for both.
    await bob.page.getByRole('textbox', { name: 'Title of the page' }).fill('نزهة الفريق')
    await heading(ada, 'نزهة الفريق').waitFor()
    await ada.page.getByRole('link', { name: 'نزهة الفريق' }).waitFor()
    await expect.poll(() => ada.page.title()).toBe('نزهة الفريق – Workspace')
    await ada.state('Saved')
  })

  it('renames and deletes a page from its menu by keyboard, tells who has it open, and restores it', async () => {
    const ada = await visit('Ada', 'to-delete')
    // Bob finds in the list what Ada has opened by its address.
    const bob = await visit('Bob', 'notes')
    await bob.page.getByRole('link', { name: 'To delete' }).waitFor()
    const menu = bob.page.getByRole('button', { name: 'Menu of To delete' })
    await menu.focus()
    await bob.page.keyboard.press('Enter')
    const item = (name: string) => bob.page.getByRole('menuitem', { name })
    await expect
      .poll(() => item('Rename').evaluate((it) => it === document.activeElement))
      .toBe(true)
    await bob.page.keyboard.press('Escape')
    await item('Rename').waitFor({ state: 'detached' })
    expect(await focused(bob)).toBe('Menu of To delete')
    await bob.page.keyboard.press('Enter')
    await item('Rename').click()
    await bob.page.keyboard.type('Renamed')
    await bob.page.keyboard.press('Enter')
    await heading(ada, 'Renamed').waitFor()
    await ada.type('Not lost.')
    await ada.state('Saved')

    await expect.poll(() => focused(bob)).toBe('Menu of Renamed')
    await bob.page.keyboard.press('Enter')
    await item('Rename').waitFor()
    await bob.page.keyboard.press('End')
    await bob.page.keyboard.press('Enter')
    await bob.page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
    await bob.page.getByRole('link', { name: 'Renamed' }).waitFor({ state: 'detached' })
    await ada.page.getByRole('alert').getByText('Bob deleted this page').waitFor()
    await expect.poll(() => ada.sheet.getAttribute('contenteditable')).toBe('false')
    await bob.page.locator('.toast').getByRole('button', { name: 'Undo' }).click()
    await ada.page.getByRole('alert').waitFor({ state: 'detached' })
    await ada.type(' Still here.')

    await ada.page.getByRole('button', { name: 'Menu of this page' }).click()
    await ada.page.getByRole('menuitem', { name: 'Delete' }).click()
    await ada.page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
    await bob.page.getByRole('button', { name: /^Deleted pages/ }).click()
    await bob.page.getByRole('button', { name: 'Restore' }).click()
    await bob.page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    await bob.page.getByRole('link', { name: 'Renamed' }).click()
    await bob.sheet.getByText('Not lost. Still here.').waitFor()
  })

  it('finds a page by its title, from the keyboard', async () => {
    const ada = await visit('Ada', 'cafe-zurich')
    await ada.page.getByRole('textbox', { name: 'Title of the page' }).fill('Café in Zürich')
    await ada.page.getByRole('link', { name: 'Café in Zürich' }).waitFor()
    await ada.page.getByRole('link', { name: 'Plans' }).click()
    await heading(ada, 'Plans').waitFor()
    await ada.state('Saved')
    await ada.page.getByRole('link', { name: 'Plans' }).focus()
    await ada.page.keyboard.press('/')
    expect(await focused(ada)).toBe('Search pages')
    await ada.page.keyboard.type('nothing of the kind')
    await ada.page.getByText('No page is called').waitFor()
    await ada.page.keyboard.press('Escape')
    await ada.page.keyboard.type('zurich CAFE')
    await ada.page.getByText('1 page found').waitFor()
    await ada.page.keyboard.press('Enter')
    await heading(ada, 'Café in Zürich').waitFor()
    await expect.poll(() => focused(ada)).toBe('Page Café in Zürich')
    // In the text, the same keys make a link.
    await ada.page.keyboard.press('Control+k')
    await expect.poll(() => focused(ada)).toBe('The address it leads to')
    await ada.page.keyboard.press('Escape')
    await expect.poll(() => focused(ada)).toBe('Page Café in Zürich')
  })
  it('has no fault of accessibility, in light and in dark, and nothing small on a phone', async () => {
    // The page's own policy forbids the code of the check.
    const ada = await visit('Ada', 'axe', { bypassCSP: true })
    await ada.type('Words.')
    await ada.state('Saved')
    await say(ada, 'A word about it.')
    await ada.page.locator('.delivery.saved').waitFor()
    expect(await faultsOf(ada)).toEqual([])
    await ada.page.getByRole('button', { name: 'Menu of Plans' }).press('Enter')
    await ada.page.getByRole('menuitem', { name: 'Rename' }).waitFor()
    expect(await faultsOf(ada)).toEqual([])
    await ada.page.keyboard.press('Escape')
    await ada.page.getByRole('button', { name: 'History', exact: true }).click()
    await ada.page.locator('.version').first().click()
    await ada.page.locator('.preview ins').first().waitFor()
    expect(await faultsOf(ada)).toEqual([])
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    expect(await faultsOf(ada)).toEqual([])
    await ada.page.getByRole('button', { name: 'Close the history' }).click()
    await ada.page.setViewportSize({ width: 390, height: 844 })
    await ada.page.getByRole('button', { name: 'Pages and people' }).click()
    await ada.page.locator('.sidebar.open').waitFor()
    expect(await faultsOf(ada)).toEqual([])
    expect(await ada.page.evaluate(smallTargets, '.page, .sidebar')).toEqual([])
  })
})

/** What axe finds wrong with the page as it is, in light and in dark. */
async function faultsOf({ page }: Writer): Promise<readonly string[]> {
  const faults: string[] = []
  await page.evaluate(axe.source)
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const found = await page.evaluate(async () => {
      const { violations } = await (globalThis as unknown as AxeGlobal).axe.run()
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
    })
    faults.push(...found.map((fault) => `${colorScheme}: ${fault}`))
  }
  return faults
}

interface AxeGlobal {
  readonly axe: Pick<typeof axe, 'run'>
}

/** Runs in the page: what can be used there and is smaller than a finger. */
function smallTargets(within: string): readonly string[] {
  const controls = [
    ...document.querySelectorAll(`:is(${within}) :is(button, a, select, input, textarea)`),
  ]
  return controls.flatMap((control) => {
    const { width, height } = control.getBoundingClientRect()
    const isSmall = width > 0 && (width < 44 || height < 44)
    return isSmall ? [`${control.outerHTML.slice(0, 100)}: ${width} × ${height}`] : []
  })
}
