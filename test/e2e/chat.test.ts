import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
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
    const online = ada.page.getByLabel('People online')
    await online.getByText('Online before you lost the connection').waitFor()
    expect(await online.locator('.count').count()).toBe(0)
    await ada.say('while away 1')
    await bob.say('while away 2')
    await ada.page.getByText('Waiting').waitFor()
    await ada.page.getByText('Messages are sent when the connection is back.').waitFor()
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
      await person.page.getByText('You are offline.').waitFor({ state: 'detached' })
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

  it('says when the server was started without the configuration of the project', async () => {
    writeFileSync(join(app.directory, 'bare.config.ts'), "export default { storage: 'memory:' }")
    const bare = await serveApp(app.directory, { config: 'bare.config.ts' })
    onTestFinished(() => bare.kill())
    const ada = await enter(browser, `${bare.url}/#lobby`, 'Ada')
    onTestFinished(() => ada.leave())
    expect(await ada.page.locator('.list-problem').count()).toBe(0)
    await ada.page.getByLabel('New room', { exact: true }).fill('plans')
    await ada.page.keyboard.press('Enter')
    await ada.page.getByText('started without the rusher.config.ts').waitFor()
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

  it('shows Markdown as what it means, and pictures and links below it', async () => {
    const ada = await visit('Ada', 'markdown')
    const bob = await visit('Bob', 'markdown')
    for (const { page } of [ada, bob]) {
      await page.route('https://pictures.example/**', (route) =>
        route.fulfill({ contentType: 'image/svg+xml', body: picture }),
      )
    }
    await ada.say('**bold** and `code`\nhttps://pictures.example/a.svg [docs](https://a.example/b)')
    const text = bob.page.locator('.text').last()
    await text.locator('strong', { hasText: 'bold' }).waitFor()
    await text.locator('code', { hasText: 'code' }).waitFor()
    await text.getByRole('link', { name: 'docs' }).waitFor()
    const image = bob.page.locator('.attachments img')
    await expect.poll(() => image.evaluate((one: HTMLImageElement) => one.naturalWidth)).toBe(64)
    expect(await image.getAttribute('referrerpolicy')).toBe('no-referrer')
    expect(await image.getAttribute('alt')).toBe('a.svg from pictures.example')
    await bob.page.locator('.link-card', { hasText: 'a.example' }).waitFor()
  })

  it('makes no element of hostile Markdown but those that it knows', async () => {
    const mallory = await visit('Mallory', 'hostile-markdown')
    const bob = await visit('Bob', 'hostile-markdown')
    const payloads = [
      '**<img src=x onerror=alert(1)>**',
      '[a](javascript:alert(1)) [b](data:text/html,x) <javascript:alert(1)>',
      '![x](javascript:alert(1))',
      '[**a**](<javascript:alert(1)>)',
      '`<script>alert(1)</script>`',
      '> '.repeat(1_900),
      `${'- '.repeat(1_900)}a`,
      '**a'.repeat(1_300),
      '[@<img src=x onerror=alert(1)>](user:mallory)',
    ]
    for (const payload of payloads) await mallory.say(payload)
    await mallory.say('the end')
    await bubble(bob, 'the end').waitFor()
    const names = await bob.page
      .locator('.text *')
      .evaluateAll((all) => all.map(({ localName }) => localName))
    const known = ['p', 'strong', 'em', 'code', 'bdi', 'pre', 'ul', 'ol', 'li', 'blockquote']
    expect([...new Set(names)].filter((name) => !known.includes(name))).toEqual([])
    expect(await bob.page.locator('img, [onerror], .text a').count()).toBe(0)
  })

  it('leads from a reply to its original, also one that is not loaded', async () => {
    await fillRoom(server.url, 'replies', 120)
    const ada = await visit('Ada', 'replies')
    const bob = await visit('Bob', 'replies')
    await ada.say('Who brings **cake**?')
    const question = bob.page.locator('.message').filter({ hasText: 'Who brings' })
    await question.hover()
    await question.getByLabel('Reply to this message').click()
    await bob.page.getByText('Replying to Ada').waitFor()
    await bob.page.keyboard.press('Escape')
    await bob.page.getByText('Replying to Ada').waitFor({ state: 'detached' })
    await question.getByLabel('Reply to this message').click()
    await bob.say('I do')
    const reply = ada.page.locator('.message').filter({ hasText: 'I do' })
    await reply.locator('.reply-quote', { hasText: 'Ada Who brings cake?' }).waitFor()

    const { channel, close } = joinRoom(server.url, 'replies')
    onTestFinished(close)
    await channel.publish({ kind: 'say', text: 'about the first', replyTo: 1 })
    const late = ada.page.locator('.message').filter({ hasText: 'about the first' })
    await late.locator('.reply-quote', { hasText: 'Earlier message' }).click()
    await ada.page.locator('.message.marked').waitFor()
    await ada.page.getByText('This is the beginning of #replies.').waitFor()
    expect(await ada.page.locator('.message').first().getAttribute('class')).toContain('marked')
  })

  it('counts reactions, says who reacted, and takes them back', async () => {
    const ada = await visit('Ada', 'reactions')
    const bob = await visit('Bob', 'reactions')
    await ada.say('lunch?')
    await bubble(bob, 'lunch?').hover()
    await bob.page.getByLabel('Add a reaction').click()
    await bob.page.getByRole('button', { name: 'Party' }).click()
    const seen = ada.page.locator('.reaction')
    await expect.poll(() => seen.getAttribute('title')).toBe('Bob')
    expect(await seen.getAttribute('aria-pressed')).toBe('false')
    await seen.click()
    await expect.poll(() => bob.page.locator('.reaction').textContent()).toMatch(/2$/)
    expect(await bob.page.locator('.reaction').getAttribute('aria-pressed')).toBe('true')
    await bob.page.locator('.reaction').click()
    await expect.poll(() => seen.getAttribute('title')).toBe('you')
    await ada.page.reload()
    await expect.poll(() => seen.textContent()).toMatch(/1$/)
  })

  it('mentions people by keyboard, and means the same one after they change their name', async () => {
    const ada = await visit('Ada', 'mentions')
    const wim = await visit('Wim Berg', 'mentions')
    await ada.page.getByLabel('People online').getByText('Wim Berg').waitFor()
    const input = ada.page.getByLabel('Message #mentions')
    await input.pressSequentially('Hi @')
    await ada.page.getByRole('listbox', { name: 'People to mention' }).waitFor()
    await ada.page.keyboard.press('Escape')
    await ada.page.getByRole('listbox').waitFor({ state: 'detached' })
    await input.pressSequentially('wi')
    await ada.page.getByRole('option', { name: 'Wim Berg', selected: true }).waitFor()
    await ada.page.keyboard.press('Tab')
    await expect.poll(() => input.inputValue()).toBe('Hi @Wim Berg ')
    await ada.page.keyboard.type('and all')
    await ada.page.keyboard.press('Enter')
    await wim.page.locator('.mention.mine', { hasText: '@Wim Berg' }).waitFor()
    await ada.page.locator('.mention:not(.mine)', { hasText: '@Wim Berg' }).waitFor()

    await wim.page.getByRole('button', { name: 'Change your name' }).click()
    await wim.page.getByRole('dialog').getByLabel('Your name').fill('Willem')
    await wim.page.keyboard.press('Enter')
    await ada.page.locator('.mention', { hasText: '@Willem' }).waitFor()
    await ada.page.keyboard.press('ArrowUp')
    expect(await ada.page.getByLabel('Edit your message').inputValue()).toBe('Hi @Wim Berg and all')
  })

  it('is operated by keyboard alone, and has no fault that axe finds', async () => {
    const ada = await visit('Ada', 'keys')
    const kay = await visit('Kay', 'keys')
    await kay.say('**one** https://a.example/b')
    await kay.say('two')
    await bubble(ada, 'two').waitFor()
    await ada.page.getByLabel('Message #keys').focus()
    // Back from the composer: the newest message and its actions are the stops.
    await ada.page.keyboard.press('Shift+Tab')
    await expect.poll(() => focusOf(ada)).toBe('Reply to this message')
    await ada.page.keyboard.press('Shift+Tab')
    await ada.page.keyboard.press('Shift+Tab')
    await ada.page.keyboard.press('ArrowUp')
    // Past the link in the text and its card.
    for (let tab = 0; tab < 3; tab += 1) await ada.page.keyboard.press('Tab')
    await expect.poll(() => focusOf(ada)).toBe('Add a reaction')
    await ada.page.keyboard.press('Enter')
    await expect.poll(() => focusOf(ada)).toBe('Thumbs up')
    await ada.page.keyboard.press('ArrowRight')
    expect(await axeFaults(ada)).toEqual([])
    await ada.page.keyboard.press('Enter')
    await kay.page.locator('.message').first().locator('.reaction').waitFor()
    await expect.poll(() => focusOf(ada)).toBe('Add a reaction')
    await ada.page.keyboard.press('Tab')
    await ada.page.keyboard.press('Enter')
    await ada.page.keyboard.type('@')
    await ada.page.getByRole('option', { name: 'Kay' }).waitFor()
    expect(await axeFaults(ada)).toEqual([])
    await ada.page.keyboard.press('Escape')
    await ada.page.keyboard.press('Backspace')
    await ada.page.keyboard.type('mine')
    await ada.page.keyboard.press('Enter')
    await kay.page.locator('.reply-quote', { hasText: 'Kay one' }).waitFor()
  })

  it('says who is kept out of a room, and takes nothing there', async () => {
    writeFileSync(join(app.directory, 'closed.config.ts'), closedConfig)
    const closed = await serveApp(app.directory, { config: 'closed.config.ts' })
    onTestFinished(() => closed.kill())
    const ada = await enter(browser, `${closed.url}/#help`, 'Ada')
    onTestFinished(() => ada.leave())
    await ada.page.getByText('You have no access to this chat.').waitFor()
    expect(await ada.page.getByLabel('Message #help').isDisabled()).toBe(true)
    await ada.page.getByRole('link', { name: 'ideas' }).click()
    await ada.say('here one may')
    await ada.page.locator('.delivery.saved').waitFor()
  })

  it('leads past the side bar at the first stop of the Tab key', async () => {
    const ada = await visit('Ada', 'skipping')
    const first = ada.page.locator('a[href], button, input, textarea, select').first()
    expect(await first.textContent()).toBe('Skip to the messages')
    await first.focus()
    expect(await first.isVisible()).toBe(true)
    await ada.page.keyboard.press('Enter')
    await expect
      .poll(() => ada.page.evaluate(() => document.activeElement?.tagName))
      .toBe('TEXTAREA')
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
    const menu = ada.page.getByRole('button', { name: 'Rooms and people' })
    await menu.tap()
    await ada.page.getByRole('link', { name: 'ideas' }).waitFor()
    await ada.page.keyboard.press('Escape')
    await ada.page.getByRole('link', { name: 'ideas' }).waitFor({ state: 'hidden' })
    expect(await menu.evaluate((button) => button === document.activeElement)).toBe(true)
    await menu.tap()
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

/** The template's server, with one room that no user may read. */
const closedConfig = `import { defineConfig } from 'rusher/server'
import config from './rusher.config.ts'

export default defineConfig({
  ...config,
  storage: 'memory:',
  permit: (_identity, channel) => channel !== 'chat:help',
})
`

const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds in the room, rule by rule. */
async function axeFaults({ page }: Person): Promise<readonly string[]> {
  await page.evaluate(axe)
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as AxePage).axe.run('main')
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  })
}

interface AxePage {
  readonly axe: {
    run(selector: string): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>
  }
}

/** What the focused element is called. */
function focusOf({ page }: Person): Promise<string | null | undefined> {
  return page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
}

/** Someone without a browser. */
function joinRoom(url: string, room: string) {
  const client = connect(url, { user: { id: 'cleo', name: 'Cleo' } })
  return { channel: client.channel(`chat:${room}`), close: () => client.close() }
}

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
