import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** Whether there is a browser to test with. Where tests must not be skipped (CI=true), a missing one is a failure. */
export function hasBrowser(): boolean {
  if (existsSync(executablePath)) return true
  const advice = `no browser at ${executablePath}: apt-get install chromium, or set CHROMIUM to one`
  if (process.env['CI'] === 'true') throw new Error(advice)
  console.warn(`The tests in a browser are skipped: ${advice}`)
  return false
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** Somebody with a browser of their own, and everything that went wrong in it. */
export interface Person {
  readonly name: string
  readonly page: Page
  /** Dialogs, errors and violations of the page's policy; there should be none. */
  readonly faults: readonly string[]
  /** Text of what is in the list, from top to bottom. */
  texts(): Promise<readonly string[]>
  say(text: string): Promise<void>
  leave(): Promise<void>
}

/** Opens the chat as a new guest, in the room that `url` names. */
export async function enter(
  browser: Browser,
  url: string,
  name: string,
  options: BrowserContextOptions = {},
): Promise<Person> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('dialog', async (dialog) => {
    faults.push(`dialog: ${dialog.message()}`)
    await dialog.dismiss()
  })
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`))
  page.on('console', (message) => {
    // A connection that fails is reported by the browser itself, and is what some tests are about.
    if (message.type() === 'error' && !message.text().startsWith('WebSocket connection')) {
      faults.push(`console: ${message.text()}`)
    }
  })
  await page.goto(url)
  await page.getByLabel('Your name').fill(name)
  await page.keyboard.press('Enter')
  await page.locator('.status.online').waitFor()
  return {
    name,
    page,
    faults,
    texts: () => page.locator('.bubble .text').allInnerTexts(),
    async say(text) {
      await page.getByRole('textbox', { name: /^Message #/ }).fill(text)
      await page.keyboard.press('Enter')
    },
    leave: () => context.close(),
  }
}
