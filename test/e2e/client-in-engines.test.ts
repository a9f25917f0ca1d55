import { describe, it, type TestContext } from 'vitest'
import { type ServeOptions, serve } from '../parts/serve.ts'
import { shared } from '../parts/shared.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { secret } from '../parts/tokens.ts'
import { bundle } from './parts/bundle.ts'
import type { ClientPage as ClientPageClass, ClientPageOptions } from './parts/client-page.ts'
import { engineNames, evaluate, type Tab } from './parts/engines/engine.ts'
import { hasEngines, launchEngines } from './parts/engines/launch.ts'
import { servePage, tokenSeconds } from './parts/page-server.ts'

declare global {
  /** Set by the script of the page. */
  var ClientPage: typeof ClientPageClass
  /** Set by `start`. */
  var page: ClientPageClass
}

/** Tests of one engine run one after another. */
const oneByOne = { concurrent: false }

describe.skipIf(!hasEngines())('the client', () => {
  const launched = shared(async (atEnd) => {
    const engines = await launchEngines()
    atEnd(async () => {
      await Promise.all([...engines.values()].map((engine) => engine.close()))
    })
    const script = await bundle('./client-page.ts')
    return { engines, url: (await servePage(script, atEnd)).url }
  })
  /** For tests that do not stop it. */
  const sharedServer = shared((atEnd) => start({ directory: temporaryDirectory(atEnd), atEnd }))

  /** Starts a server that accepts the page's origin. */
  const start = (options: ServeOptions) =>
    serve({ ...options, flags: ['--origin', launched().url] })

  // The engines run in parallel, because most of the time is waiting. Vitest then requires the
  // `expect` of each test's context.
  describe.each(engineNames)('in %s', { concurrent: true }, (engineName) => {
    const user = `user-of-${engineName}`

    /** Opens a tab with a client and waits until it has joined its channel. */
    async function open({ expect, onTestFinished }: TestContext, options: TabOptions) {
      const engine = launched().engines.get(engineName)
      if (engine === undefined) throw new Error(`${engineName} was not launched`)
      const tab = await engine.openTab()
      await tab.open(launched().url)
      await connectIn(tab, options)
      await expect.poll(() => isJoined(tab)).toBe(true)
      let isOpen = true
      const close = async () => {
        if (!isOpen) return
        isOpen = false
        const faults = await evaluate(tab, () => page.faults)
        await tab.close()
        expect(faults).toEqual([])
      }
      onTestFinished(close)
      return { ...tab, close }
    }

    /** Starts a server for one test. `again` restarts it with the same data on the same port. */
    async function startOwn({ onTestFinished: atEnd }: TestContext, config?: string) {
      const options = { directory: temporaryDirectory(atEnd), atEnd }
      const { url, port, crash } = await start({ ...options, ...(config && { config }) })
      return { url, crash, again: () => start({ ...options, port }) }
    }

    it('receives its 50 publishes in order, with any Unicode text', oneByOne, async (test) => {
      const { expect } = test
      const tab = await open(test, { url: sharedServer().url, user, channel: `chat:${engineName}` })
      const texts = numbered(50).map((text, index) => `${text} ${scripts[index % scripts.length]}`)
      await publish(tab, texts)
      await expect.poll(() => eventsIn(tab)).toHaveLength(50)
      expect(await eventsIn(tab)).toEqual(logOf(texts))
      await expect.poll(() => acknowledgedIn(tab)).toEqual(texts)
    })

    it('transfers every byte value in a document to another tab', oneByOne, async (test) => {
      const { expect } = test
      const bytes = Array.from({ length: 256 }, (_, byte) => byte)
      const first = await open(test, { url: sharedServer().url, user })
      const second = await open(test, { url: sharedServer().url, user: `another-${user}` })
      for (const tab of [first, second]) {
        await evaluate(tab, (name) => page.openDocument(name), `bytes-of-${engineName}`)
        await expect.poll(() => evaluate(tab, () => page.isDocumentSaved())).toBe(true)
      }
      await evaluate(first, (numbers) => page.writeBytes(numbers), bytes)
      await expect.poll(() => evaluate(second, () => page.readBytes())).toEqual(bytes)
      await expect.poll(() => evaluate(first, () => page.isDocumentSaved())).toBe(true)
    })

    it('has no gap and no duplicate after the server was killed', oneByOne, async (test) => {
      const { expect } = test
      const server = await startOwn(test)
      const tab = await open(test, { url: server.url, user })
      const texts = numbered(50)
      await publish(tab, texts.slice(0, 25))
      await expect.poll(async () => (await eventsIn(tab)).length).toBeGreaterThan(5)
      await server.crash()
      await publish(tab, texts.slice(25))
      await server.again()
      await expect.poll(() => acknowledgedIn(tab)).toEqual(texts)
      await expect.poll(() => eventsIn(tab)).toEqual(logOf(texts))
      expect(await logIn(tab)).toEqual(logOf(texts))
    })

    it(
      'after a reload sends what was published while the server was down',
      oneByOne,
      async (test) => {
        const { expect } = test
        const server = await startOwn(test)
        const options = { url: server.url, user }
        const tab = await open(test, options)
        await publish(tab, ['before'])
        await expect.poll(() => eventsIn(tab)).toEqual([[1, 'before']])
        await server.crash()
        await publish(tab, ['one', 'two'])
        await flush(tab)
        await tab.reload()
        await connectIn(tab, options)
        await expect.poll(() => pendingIn(tab)).toEqual(['one', 'two'])
        await server.again()
        // The event seen before the reload does not come again.
        const log = logOf(['before', 'one', 'two'])
        await expect.poll(() => eventsIn(tab)).toEqual(log.slice(1))
        await expect.poll(() => pendingIn(tab)).toEqual([])
        expect(await logIn(tab)).toEqual(log)
      },
    )

    it(
      'sends the pending publishes of a closed tab of the same user, and not before it is closed',
      oneByOne,
      async (test) => {
        const { expect } = test
        const server = await startOwn(test)
        const first = await open(test, { url: server.url, user })
        const second = await open(test, { url: server.url, user })
        await server.crash()
        await publish(first, ['of the first'])
        await publish(second, ['of the second'])
        for (const tab of [first, second]) await flush(tab)
        expect(await pendingIn(second)).toEqual(['of the second'])
        await first.close()
        // Publishes of an earlier page are sent first.
        const texts = ['of the first', 'of the second']
        await expect.poll(() => pendingIn(second)).toEqual(texts)
        await server.again()
        await expect.poll(() => eventsIn(second)).toEqual(logOf(texts))
        await expect.poll(() => pendingIn(second)).toEqual([])
        expect(await logIn(second)).toEqual(logOf(texts))
      },
    )

    it('renews its token repeatedly without losing the connection', oneByOne, async (test) => {
      const { expect } = test
      const auth = `{ secret: '${secret}', clockToleranceSeconds: 0 }`
      const { url } = await startOwn(test, `{ auth: ${auth} }`)
      const tab = await open(test, { url, user, tokens: true })
      const firstEndsAt = Date.now() + tokenSeconds * 1_000
      await expect.poll(() => Date.now() > firstEndsAt).toBe(true)
      await expect.poll(() => evaluate(tab, () => page.tokensAsked)).toBeGreaterThan(2)
      await publish(tab, ['still here'])
      await expect.poll(() => eventsIn(tab)).toEqual([[1, 'still here']])
      expect(await evaluate(tab, () => page.states)).toEqual(['connecting', 'online'])
    })
  })
})

interface TabOptions {
  readonly url: string
  readonly user: string
  readonly channel?: string
  readonly tokens?: boolean
}

/** Texts that broken encoding or escaping would change. */
const scripts = [
  'Grüße, Ærøskøbing',
  '日本語と漢字',
  'مرحبا \u200Fبالعالم',
  '👩‍👩‍👧‍👦 🇸🇪 𝒳 𠮷',
  'e\u0301 is not é, nor \u2028 a line',
  '"quotes" \\ and {"json":true}',
] as const

function numbered(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `text ${index + 1}`)
}

/** The log in which each text occurs once, in this order. */
function logOf(texts: readonly string[]): readonly (readonly [number, string])[] {
  return texts.map((text, index) => [index + 1, text])
}

function connectIn(tab: Tab, options: TabOptions): Promise<void> {
  const start = (given: ClientPageOptions) => {
    globalThis.page = new globalThis.ClientPage(given)
  }
  return evaluate(tab, start, { channel: 'chat:own', ...options })
}

function publish(tab: Tab, texts: readonly string[]): Promise<void> {
  return evaluate(tab, (given) => page.publish(given), texts)
}

const isJoined = (tab: Tab) => evaluate(tab, () => page.isJoined())
const eventsIn = (tab: Tab) => evaluate(tab, () => page.events)
const acknowledgedIn = (tab: Tab) => evaluate(tab, () => page.acknowledged)
const pendingIn = (tab: Tab) => evaluate(tab, () => page.pending())
const logIn = (tab: Tab) => evaluate(tab, () => page.log())
const flush = (tab: Tab) => evaluate(tab, () => page.flush())
