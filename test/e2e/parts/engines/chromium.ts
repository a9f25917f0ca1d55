import type { Page } from 'playwright-core'
import { launchBrowser } from '../browser.ts'
import type { Engine, Tab } from './engine.ts'

export async function launchChromium(): Promise<Engine> {
  const browser = await launchBrowser()
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  return {
    name: 'Chromium',
    openTab: async () => tabOf(await context.newPage()),
    close: () => browser.close(),
  }
}

function tabOf(page: Page): Tab {
  return {
    open: async (url) => void (await page.goto(url)),
    reload: async () => void (await page.reload()),
    run: (expression) => page.evaluate<string>(expression),
    type: (text) => page.keyboard.type(text),
    press: (keys) => page.keyboard.press(keys),
    click: (x, y) => page.mouse.click(x, y),
    close: () => page.close(),
  }
}
