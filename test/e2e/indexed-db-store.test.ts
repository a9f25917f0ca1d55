import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { hasBrowser, launchBrowser } from './parts/browser.ts'
import { bundle } from './parts/bundle.ts'
import type { StorePage as StorePageClass } from './parts/store-page.ts'

/** Nobody serves it: the test answers. Its pages are a secure context, which Web Locks need. */
const origin = 'https://store.test'
/** The same in an insecure context: a phone in the local network, say. */
const plainOrigin = 'http://store.test'

const page = '<!doctype html><title>A store</title><script type="module" src="/store.js"></script>'

declare global {
  /** Set by the script of the page. */
  var StorePage: typeof StorePageClass
  /** Set by `load`. */
  var store: StorePageClass
}

describe.skipIf(!hasBrowser())('a store in IndexedDB', () => {
  let browser: Browser
  let script: string

  beforeAll(async () => {
    script = await bundle('./store-page.ts')
    browser = await launchBrowser()
  })
  afterAll(() => browser?.close())

  /** A browser profile of its own. */
  async function profile(): Promise<BrowserContext> {
    const context = await browser.newContext()
    onTestFinished(() => context.close())
    await context.route(/store\.test/, (route) =>
      route.request().url().endsWith('/store.js')
        ? route.fulfill({ contentType: 'text/javascript', body: script })
        : route.fulfill({ contentType: 'text/html', body: page }),
    )
    return context
  }

  /** Opens a tab, and in it the data of a user. */
  async function tab(context: BrowserContext, user?: string, at = origin): Promise<Page> {
    const page = await context.newPage()
    await page.goto(at)
    await load(page, user)
    return page
  }

  it('has publishes in order and positions after a reload', async () => {
    const page = await tab(await profile(), 'ada')
    await page.evaluate(() => store.put('m1', 'm2', 'm3'))
    await page.evaluate(() => store.remove('m2'))
    await page.evaluate(() => store.move(7))
    await page.reload()
    await load(page, 'ada')
    expect(await restored(page)).toEqual(['m1', 'm3'])
    expect(await page.evaluate(() => store.since())).toEqual({ epoch: 'e', offset: 7 })
    expect(await page.evaluate(() => store.errors)).toEqual([])
  })

  it('keeps users apart, and the furthest position of several tabs', async () => {
    const context = await profile()
    const ada = await tab(context, 'ada')
    const again = await tab(context, 'ada')
    const bob = await tab(context, 'bob')
    await ada.evaluate(() => store.put('of-ada'))
    await again.evaluate(() => store.move(9))
    await ada.evaluate(() => store.move(8))
    expect(await restored(bob)).toEqual([])
    expect(await restored(await tab(context, 'bob'))).toEqual([])
    const late = await tab(context, 'ada')
    expect(await late.evaluate(() => store.since())).toEqual({ epoch: 'e', offset: 9 })
  })

  it('gives what a tab has waiting to no other tab while it lives, also over its reload', async () => {
    const context = await profile()
    const first = await tab(context, 'ada')
    const second = await tab(context, 'ada')
    await first.evaluate(() => store.put('m1'))
    expect(await restored(await tab(context, 'ada'))).toEqual([])
    await first.reload()
    await load(first, 'ada')
    expect(await restored(first)).toEqual(['m1'])
    expect(await restored(second)).toEqual([])
  })

  it('hands what a closed tab had waiting to exactly one of the others', async () => {
    const context = await profile()
    const first = await tab(context, 'ada')
    const others = [await tab(context, 'ada'), await tab(context, 'ada')]
    await first.evaluate(() => store.put('m1', 'm2'))
    await first.close()
    const taken = async () => (await Promise.all(others.map(restored))).flat()
    await expect.poll(taken).toEqual(['m1', 'm2'])
    // Now it belongs to that tab, and comes back with it.
    const [holder] = await Promise.all(
      others.map(async (page) => ((await restored(page)).length > 0 ? page : undefined)),
    ).then((pages) => pages.filter((page) => page !== undefined))
    await holder?.reload()
    if (holder !== undefined) await load(holder, 'ada')
    expect(await taken()).toEqual(['m1', 'm2'])
  })

  it('gives what was left over to the next tab, days later', async () => {
    const context = await profile()
    const first = await tab(context, 'ada')
    await first.evaluate(() => store.put('m1'))
    await first.close()
    const next = await tab(context, 'ada')
    await expect.poll(() => restored(next)).toEqual(['m1'])
  })

  it('without Web Locks gives everything to every tab, and the ids show the repeats', async () => {
    const context = await profile()
    const first = await tab(context, 'ada', plainOrigin)
    expect(await first.evaluate(() => 'locks' in navigator)).toBe(false)
    await first.evaluate(() => store.put('m1'))
    const second = await tab(context, 'ada', plainOrigin)
    expect(await restored(second)).toEqual(['m1'])
    await first.reload()
    await load(first, 'ada')
    expect(await restored(first)).toEqual(['m1'])
  })

  it('knows a guest again', async () => {
    const page = await tab(await profile())
    await page.evaluate(() => store.admit('guest-1'))
    await page.evaluate(() => store.put('m1'))
    await page.reload()
    await load(page)
    expect(await page.evaluate(() => store.user)).toEqual({ id: 'guest-1' })
    expect(await restored(page)).toEqual(['m1'])
  })

  it('clears one user or all', async () => {
    const context = await profile()
    for (const user of ['ada', 'bob']) {
      const page = await tab(context, user)
      await page.evaluate((id) => store.put(`of-${id}`), user)
      await page.close()
    }
    const page = await context.newPage()
    await page.goto(origin)
    await load(page, 'eve')
    await page.evaluate(() => store.clear('ada'))
    expect(await restored(await tab(context, 'ada'))).toEqual([])
    const bob = await tab(context, 'bob')
    await expect.poll(() => restored(bob)).toEqual(['of-bob'])
    await bob.close()
    await page.evaluate(() => store.clear())
    expect(await restored(await tab(context, 'bob'))).toEqual([])
  })

  it('reports a browser that blocks it, and a database that is deleted is begun anew', async () => {
    const context = await profile()
    const page = await tab(context, 'ada')
    await page.evaluate(
      () =>
        new Promise((resolve) => {
          indexedDB.deleteDatabase('rusher').onsuccess = resolve
        }),
    )
    await page.evaluate(() => store.put('m1'))
    await page.reload()
    await load(page, 'ada')
    expect(await restored(page)).toEqual(['m1'])

    const blocked = await context.newPage()
    await blocked.addInitScript(() => {
      Object.defineProperty(globalThis, 'indexedDB', {
        get: () => {
          throw new DOMException('denied', 'SecurityError')
        },
      })
    })
    await blocked.goto(origin)
    await load(blocked, 'ada')
    expect(await blocked.evaluate(() => store.errors)).toEqual(['STORE_FAILED'])
  })
})

function restored(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => store.restored)
}

async function load(page: Page, user?: string): Promise<void> {
  await page.evaluate(async (id) => {
    globalThis.store = new globalThis.StorePage()
    await store.load(id)
  }, user)
}
