import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'

/** Somebody with a page open in a browser of their own. */
export interface Writer {
  readonly name: string
  readonly page: Page
  /** Dialogs, errors and violations of the page's policy; there should be none. */
  readonly faults: readonly string[]
  readonly sheet: Locator
  /** Puts the cursor at the end and types. */
  type(text: string): Promise<void>
  /** Waits until the page says this of itself. */
  state(words: string | RegExp): Promise<void>
  tool(label: string): Promise<void>
  leave(): Promise<void>
}

/** Opens a page as a new guest, and waits until it is in step. */
export async function write(
  browser: Browser,
  url: string,
  name: string,
  options: BrowserContextOptions = {},
): Promise<Writer> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 800 }, ...options })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('dialog', async (dialog) => {
    faults.push(`dialog: ${dialog.message()}`)
    await dialog.dismiss()
  })
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`))
  page.on('console', (message) => {
    // What the browser reports of a server that is away is what some tests are about.
    const isAway = /WebSocket connection|ERR_CONNECTION_REFUSED|ERR_INTERNET_DISCONNECTED/.test(
      message.text(),
    )
    if (message.type() === 'error' && !isAway) faults.push(`console: ${message.text()}`)
  })
  await page.goto(url)
  await page.getByLabel('Your name').fill(name)
  await page.keyboard.press('Enter')
  const sheet = page.locator('.sheet .prose')
  await sheet.waitFor()
  const writer: Writer = {
    name,
    page,
    faults,
    sheet,
    async type(text) {
      await sheet.click()
      await page.keyboard.press('Control+End')
      await page.keyboard.type(text)
    },
    state: (words) => page.locator('.save-state').filter({ hasText: words }).waitFor(),
    tool: (label) =>
      page.getByRole('toolbar').getByRole('button', { name: label, exact: true }).click(),
    leave: () => context.close(),
  }
  await writer.state('Saved')
  return writer
}
