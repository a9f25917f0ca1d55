import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { connect } from '../../src/client/index.ts'
import { enter, hasBrowser, launchBrowser, type Person } from './parts/browser.ts'
import {
  type ScaffoldedApp,
  type ServedApp,
  scaffoldApp,
  serveApp,
  servePages,
} from './parts/scaffolded-app.ts'

describe.skipIf(!hasBrowser())('the chat that rusher init makes', () => {
  let app: ScaffoldedApp
  let server: ServedApp
  let browser: Browser

  beforeAll(async () => {
    app = scaffoldApp('chat')
    server = await serveApp(app.directory)
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.kill()
    app?.remove()
  })

  /** A guest in a room of this test's own; what went wrong in the page fails the test. */
  async function visit(name: string, room: string, options = {}): Promise<Person> {
    const person = await enter(browser, `${server.url}/#${room}`, name, options)
    onTestFinished(async () => {
      await person.leave()
      expect(person.faults).toEqual([])
    })
    return person
  }

  it('shows who is online, who types, and what they say', async () => {
    const ada = await visit('Ada', 'hello')
    const bob = await visit('Bob', 'hello')
    await ada.page.getByLabel('People online').getByText('Bob').waitFor()
    await bob.page.getByLabel('People online').getByText('Ada').waitFor()

    await ada.page.getByLabel('Message #hello').pressSequentially('Hel')
    await bob.page.getByText('Ada is typing').waitFor()
    await ada.say('Hello Bob')
    await bubble(bob, 'Hello Bob').waitFor()
    await bob.page.getByText('Ada is typing').waitFor({ state: 'detached' })
    await ada.page.locator('.delivery.saved').last().waitFor()

    await bob.say('Hello Ada')
    await bubble(ada, 'Hello Ada').waitFor()
    expect(await ada.texts()).toEqual(['Hello Bob', 'Hello Ada'])
  })

  it('forgets that somebody types when they go on to say nothing', async () => {
    const ada = await visit('Ada', 'silence')
    const bob = await visit('Bob', 'silence')
    await ada.page.getByLabel('Message #silence').pressSequentially('Hm')
    await bob.page.getByText('Ada is typing').waitFor()
    await bob.page.getByText('Ada is typing').waitFor({ state: 'detached', timeout: 8_000 })
  })

  it('keeps what was said over a reload, also what was edited and deleted', async () => {
    const ada = await visit('Ada', 'keeping')
    const bob = await visit('Bob', 'keeping')
    for (const text of ['one', 'two', 'three']) await ada.say(text)
    await bubble(bob, 'three').waitFor()

    // Arrow up in an empty composer: the last message, by keyboard alone.
    await ada.page.keyboard.press('ArrowUp')
    await ada.page.getByLabel('Edit your message').fill('third')
    await ada.page.keyboard.press('Enter')
    await bubble(bob, 'third').waitFor()
    await ada.page.keyboard.press('ArrowUp')
    await ada.page.getByLabel('Edit your message').fill('3rd')
    await ada.page.keyboard.press('Enter')
    await bubble(bob, '3rd').waitFor()
    await removeMessage(ada, 'two')
    await bob.page.getByText('This message was deleted.').waitFor()

    for (const person of [ada, bob]) {
      await person.page.reload()
      await bubble(person, '3rd').waitFor()
      expect(await person.texts()).toEqual(['one', '3rd'])
      expect(await person.page.getByText('(edited)').count()).toBe(1)
      expect(await person.page.getByText('This message was deleted.').count()).toBe(1)
    }
    // A message that was edited twice can still be deleted after a reload.
    await removeMessage(ada, '3rd')
    await bubble(bob, '3rd').waitFor({ state: 'detached' })
    expect(await bob.page.getByText('This message was deleted.').count()).toBe(2)
  })

  it('lets nobody change what another said, and leaves an edit alone on Escape', async () => {
    const ada = await visit('Ada', 'mine')
    const bob = await visit('Bob', 'mine')
    await ada.say('mine')
    await bubble(bob, 'mine').hover()
    expect(await bob.page.getByLabel('Edit this message').count()).toBe(0)
    await ada.page.keyboard.press('ArrowUp')
    await ada.page.getByLabel('Edit your message').fill('changed')
    await ada.page.keyboard.press('Escape')
    expect(await ada.texts()).toEqual(['mine'])
    await expect
      .poll(() => ada.page.evaluate(() => document.activeElement?.tagName))
      .toBe('TEXTAREA')
  })

  it('opens rooms for everyone, counts what is unread in them and marks where it begins', async () => {
    const ada = await visit('Ada', 'lobby')
    const bob = await visit('Bob', 'lobby')
    await ada.page.getByLabel('New room', { exact: true }).fill('Café Plans!')
    await ada.page.keyboard.press('Enter')
    await ada.page.getByRole('heading', { name: 'cafe-plans' }).waitFor()
    await ada.say('cake?')
    await ada.say('on Friday?')

    const link = bob.page.getByRole('link', { name: /cafe-plans/ })
    await link.getByText('2 unread').waitFor()
    await link.click()
    await bubble(bob, 'on Friday?').waitFor()
    await link.getByText('unread').waitFor({ state: 'detached' })
    expect(bob.page.url()).toMatch(/#cafe-plans$/)

    // Read on Bob's server, not in Bob's window: away in another room, then back.
    await bob.page.getByRole('link', { name: /ideas/ }).click()
    await ada.say('or Saturday?')
    await link.getByText('1 unread').waitFor()
    await link.click()
    await bob.page.getByText('New messages').waitFor()
    expect(await rowAfter(bob, 'New messages')).toContain('or Saturday?')
  })

  it('loses and doubles nothing when the server is killed in between', async () => {
    const ada = await visit('Ada', 'outage')
    const bob = await visit('Bob', 'outage')
    await ada.say('before')
    await bubble(bob, 'before').waitFor()

    await server.kill()
    await ada.page.locator('.status.offline').waitFor()
    await ada.say('while away 1')
    await bob.say('while away 2')
    await ada.page.getByText('Waiting').waitFor()
    server = await serveApp(app.directory, { port: server.port })
    // Its next attempt may come by itself before this one is clicked.
    await ada.page
      .getByRole('button', { name: 'Try now' })
      .click({ timeout: 500 })
      .catch(() => {})

    for (const person of [ada, bob]) {
      await person.page.locator('.status.online').waitFor({ timeout: 30_000 })
      await bubble(person, 'while away 1').waitFor()
      await bubble(person, 'while away 2').waitFor()
      await person.page.getByText('Waiting').waitFor({ state: 'detached' })
    }
    const log = await ada.texts()
    expect([...log].sort()).toEqual(['before', 'while away 1', 'while away 2'])
    expect(await bob.texts()).toEqual(log)
    await bob.page.reload()
    await expect.poll(() => bob.texts()).toEqual(log)
  })

  it('delivers once what was typed while the server was down, also after a reload', async () => {
    const ada = await visit('Ada', 'reloaded')
    await server.kill()
    const pages = await servePages(app.directory, server.port)
    await ada.page.locator('.status.offline').waitFor()
    await ada.say('typed offline 1')
    await ada.say('typed offline 2')
    for (let reload = 0; reload < 2; reload += 1) {
      await ada.page.reload()
      await expect.poll(() => ada.texts()).toEqual(['typed offline 1', 'typed offline 2'])
      expect(await ada.page.getByText('Waiting').count()).toBe(2)
    }

    await pages.close()
    server = await serveApp(app.directory, { port: server.port })
    await ada.page.locator('.status.online').waitFor({ timeout: 30_000 })
    await expect.poll(() => ada.page.locator('.delivery.saved').count()).toBe(2)
    const bob = await visit('Bob', 'reloaded')
    for (const person of [ada, bob]) {
      await person.page.reload()
      await expect.poll(() => person.texts()).toEqual(['typed offline 1', 'typed offline 2'])
    }
  })

  it('delivers once what was typed in a tab that was closed, when another tab is open', async () => {
    const ada = await visit('Ada', 'tabs')
    const tab = await ada.page.context().newPage()
    await tab.goto(`${server.url}/#tabs`)
    await tab.locator('.status.online').waitFor()
    await server.kill()
    await tab.locator('.status.offline').waitFor()
    await tab.getByRole('textbox', { name: /^Message #/ }).fill('from the closed tab')
    await tab.keyboard.press('Enter')
    await tab.getByText('Waiting').waitFor()
    await ada.say('from the open tab')
    await tab.close()
    await expect
      .poll(async () => [...(await ada.texts())].sort())
      .toEqual(['from the closed tab', 'from the open tab'])

    server = await serveApp(app.directory, { port: server.port })
    await ada.page.locator('.status.online').waitFor({ timeout: 30_000 })
    await expect.poll(() => ada.page.locator('.delivery.saved').count()).toBe(2)
    const bob = await visit('Bob', 'tabs')
    await expect
      .poll(async () => [...(await bob.texts())].sort())
      .toEqual(['from the closed tab', 'from the open tab'])
  })

  it('loads history as one scrolls up, and what is in view stays where it is', async () => {
    const said = await fillRoom(server.url, 'long', 240)
    const ada = await visit('Ada', 'long')
    const list = ada.page.locator('.message-scroll')
    await expect.poll(() => list.evaluate(isAtEnd)).toBe(true)

    await expect
      .poll(() => list.evaluate(scrollUpAndMeasureJump), { timeout: 120_000, interval: 20 })
      .toBe('top')
    expect(await ada.page.evaluate(() => document.body.dataset['jumps'] ?? '')).toBe('')
    await ada.page.getByText('This is the beginning of #long.').waitFor()
    const texts = await ada.texts()
    expect(texts).toHaveLength(said.length)
    expect(new Set(texts)).toEqual(new Set(said))
  })

  it('names what is no longer kept', async () => {
    writeFileSync(join(app.directory, 'short.config.ts'), shortConfig)
    const short = await serveApp(app.directory, { config: 'short.config.ts' })
    onTestFinished(() => short.kill())
    await fillRoom(short.url, 'short', 60)
    const ada = await enter(browser, `${short.url}/#short`, 'Ada')
    onTestFinished(() => ada.leave())
    // The server looks every 30 s for what it need not keep.
    await expect
      .poll(
        async () => {
          await ada.page.reload()
          const start = ada.page.getByText(/^This is the beginning|^Messages 1 to 40 are no longer/)
          return start.first().textContent()
        },
        { timeout: 90_000, interval: 2_000 },
      )
      .toBe('Messages 1 to 40 are no longer kept.')
    expect(await ada.texts()).toHaveLength(20)
  })

  it('stays where the reader is when messages come, and leads to the newest', async () => {
    await fillRoom(server.url, 'busy', 40)
    const ada = await visit('Ada', 'busy')
    const bob = await visit('Bob', 'busy')
    const list = ada.page.locator('.message-scroll')
    await expect.poll(() => ada.texts().then((texts) => texts.length)).toBe(40)
    await list.evaluate((element) => element.scrollTo(0, 100))
    await ada.page.getByRole('button', { name: 'Jump to newest' }).waitFor()

    await bob.say('down here')
    await ada.page.getByRole('button', { name: '1 new' }).waitFor()
    expect(await list.evaluate((element) => Math.round(element.scrollTop))).toBe(100)
    await ada.page.getByRole('button', { name: '1 new' }).click()
    await expect.poll(() => list.evaluate(isAtEnd)).toBe(true)
    await bob.say('and on')
    await bubble(ada, 'and on').waitFor()
    await expect.poll(() => list.evaluate(isAtEnd)).toBe(true)
  })

  it('shows text of others as text, whatever is in it', async () => {
    const payloads = [
      '<script>alert(1)</script>',
      '<img src=x onerror=alert(1)>',
      '"><svg onload=alert(1)>',
      'javascript:alert(1)',
      '[x](javascript:alert(1))',
      '<a href="data:text/html,<script>alert(1)</script>">x</a>',
      'https://example.com/"onmouseover="alert(1)',
      '{{constructor.constructor("alert(1)")()}}',
      '\u202Etxt.exe',
    ]
    const name = '<img src=x onerror=alert(1)>'
    const mallory = await visit(name, 'hostile')
    const bob = await visit('Bob', 'hostile')
    for (const payload of payloads) await mallory.say(payload)
    await mallory.page
      .getByLabel('New room', { exact: true })
      .fill('"><img src=x onerror=alert(1)>')
    await mallory.page.keyboard.press('Enter')
    await bob.page.getByRole('link', { name: 'img-src-x-onerror-alert-1' }).waitFor()

    await expect.poll(() => bob.texts()).toEqual(payloads)
    await bob.page.getByLabel('People online').getByText(name).waitFor()
    expect(await bob.page.locator('img, script:not([src]), iframe, [onload]').count()).toBe(0)
    const links = bob.page.locator('.text a')
    const targets = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href')))
    expect(targets).toEqual(['https://example.com/'])
    expect(await links.first().getAttribute('rel')).toBe('noopener noreferrer')
    await bob.page.goto(`${server.url}/#<img src=x onerror=alert(1)>`)
    await bob.page.getByRole('heading', { name: 'lobby' }).waitFor()
  })

  it('keeps a new name over a reload, and the same person under it', async () => {
    const ada = await visit('Ada', 'names')
    const bob = await visit('Bob', 'names')
    await ada.say('still me')
    await ada.page.getByRole('button', { name: 'Change your name' }).click()
    await ada.page.getByRole('dialog').getByLabel('Your name').fill('Countess')
    await ada.page.keyboard.press('Enter')
    await bob.page.getByLabel('People online').getByText('Countess').waitFor()
    await ada.page.reload()
    await bubble(ada, 'still me').hover()
    await ada.page.getByLabel('Edit this message').waitFor()
  })

  it('fits a phone: the rooms are a drawer, and a tap brings the tools of a message', async () => {
    const ada = await visit('Ada', 'phone', {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    })
    await ada.say('a'.repeat(300))
    await ada.say('from the phone')
    await bubble(ada, 'from the phone').tap()
    await ada.page.getByLabel('Edit this message').last().tap()
    await ada.page.getByLabel('Edit your message').fill('from my phone')
    await ada.page.getByRole('button', { name: 'Save' }).tap()
    await bubble(ada, 'from my phone').waitFor()

    expect(await ada.page.getByRole('link', { name: 'ideas' }).isVisible()).toBe(false)
    await ada.page.getByRole('button', { name: 'Rooms and people' }).tap()
    await ada.page.getByRole('link', { name: 'ideas' }).tap()
    await ada.page.getByRole('heading', { name: 'ideas' }).waitFor()
    await ada.page.getByRole('link', { name: 'ideas' }).waitFor({ state: 'hidden' })
    const width = await ada.page.evaluate(() => document.documentElement.scrollWidth)
    expect(width).toBe(390)
  })
})

/** The template's server, but that it keeps no more than 20 events of a room. */
const shortConfig = `import { defineConfig } from 'rusher/server'
import config from './rusher.config.ts'

export default defineConfig({
  ...config,
  storage: 'sqlite:./data/short.db',
  chat: { retention: { count: 20 } },
})
`

function bubble({ page }: Person, text: string): Locator {
  return page.locator('.bubble').filter({ hasText: text })
}

async function removeMessage(person: Person, text: string): Promise<void> {
  const message = person.page.locator('.message').filter({ hasText: text })
  await message.hover()
  await message.getByLabel('Delete this message').click()
  await person.page.getByRole('button', { name: 'Delete', exact: true }).click()
}

/** The text of what follows a line in the list. */
async function rowAfter({ page }: Person, line: string): Promise<string | null> {
  const row = page.locator('.row', { hasText: line })
  return row.locator('xpath=following-sibling::li[1]').textContent()
}

/** Has several users say something, so that none of them is faster than the server lets one be. */
async function fillRoom(url: string, room: string, count: number): Promise<readonly string[]> {
  const texts = Array.from(
    { length: count },
    (_, index) => `message ${index} ${'.'.repeat(1 + (index % 90))}`,
  )
  const share = 20
  const users = Array.from({ length: Math.ceil(count / share) }, async (_, index) => {
    const client = connect(url, { user: { id: `filler-${index}`, name: `Filler ${index}` } })
    const channel = client.channel(`chat:${room}`)
    const mine = texts.slice(index * share, (index + 1) * share)
    await Promise.all(mine.map((text) => channel.publish({ kind: 'say', text })))
    client.close()
  })
  await Promise.all(users)
  return texts
}

function isAtEnd({ scrollHeight, scrollTop, clientHeight }: Element): boolean {
  return scrollHeight - scrollTop - clientHeight < 2
}

/**
 * Runs in the page, a step at a time: scrolls up by a little, and notes on the body where a message moved by another
 * distance than that. Answers `top` when there is nothing more above.
 */
async function scrollUpAndMeasureJump(list: Element): Promise<string> {
  const step = Math.min(300, list.scrollTop)
  const { top } = list.getBoundingClientRect()
  const messages = [...list.querySelectorAll<HTMLElement>('[data-key]')]
  const first = messages.find((message) => message.getBoundingClientRect().bottom > top)
  const before = first?.getBoundingClientRect().top ?? 0
  const count = messages.length
  list.scrollTop -= step
  // Two frames, in which a page may or may not come; then whatever came is laid out.
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame)
  const key = CSS.escape(first?.dataset['key'] ?? '')
  const after = list.querySelector(`[data-key="${key}"]`)?.getBoundingClientRect().top ?? 0
  const moved = after - before
  if (Math.abs(moved - step) > 1) document.body.dataset['jumps'] = `${moved} instead of ${step}`
  const grew = list.querySelectorAll('[data-key]').length > count
  const begins = list.textContent?.includes('This is the beginning') ?? false
  return begins && !grew && list.scrollTop === 0 ? 'top' : 'on the way'
}
