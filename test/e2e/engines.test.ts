import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Engine, EngineName } from './parts/engines/engine.ts'
import { hasEngines, launchEngines } from './parts/engines/launch.ts'
import { TcpProxy } from './parts/engines/tcp-proxy.ts'
import { Visitor } from './parts/engines/visitor.ts'
import {
  type ScaffoldedApp,
  type ServedApp,
  scaffoldApp,
  serveApp,
} from './parts/scaffolded-app.ts'

const pairs: readonly (readonly [EngineName, EngineName])[] = [
  ['Chromium', 'Firefox'],
  ['Firefox', 'WebKit'],
  ['WebKit', 'Chromium'],
]
/** Numbered words, which occur in no text of the templates. */
const said = /said\d/
const wrote = /wrote\d/

describe.skipIf(!hasEngines())('two users in two browser engines', () => {
  let engines: ReadonlyMap<EngineName, Engine>

  beforeAll(async () => {
    engines = await launchEngines()
  })
  afterAll(async () => {
    await Promise.all([...(engines?.values() ?? [])].map((engine) => engine.close()))
  })

  describe('in the template workspace', () => {
    const served = serveTemplate('workspace')

    it.each(pairs)(
      'in %s and %s have all text and messages, once and in order, after one was offline',
      async (one, other) => {
        const page = `with-${one}-and-${other}`.toLowerCase()
        const { ada, bob, proxy } = await visitors(served, one, other, page)
        await ada.write('wrote1 ')
        await bob.seesInPage(wrote, ['wrote1'])
        await bob.write('wrote2 ')
        await ada.seesInPage(wrote, ['wrote1', 'wrote2'])
        await chatBothWays(ada, bob)

        proxy.cut()
        await bob.seesStatus(/offline|connecting/i)
        await bob.write('wrote3 ')
        await bob.write('wrote4 ')
        await ada.write('wrote5 ')
        await chatWhileBobIsOffline(ada, bob)
        expect(await ada.wordsInPage(wrote)).toEqual(['wrote1', 'wrote2', 'wrote5'])

        proxy.resume()
        await hasBothChats(ada, bob)
        // Concurrent text of the two may come in either order, but in the same order for both.
        await expect.poll(() => bob.wordsInPage(wrote)).toHaveLength(5)
        const words = await bob.wordsInPage(wrote)
        expect(words.slice(0, 2)).toEqual(['wrote1', 'wrote2'])
        expect(words.filter((word) => word !== 'wrote5').slice(2)).toEqual(['wrote3', 'wrote4'])
        await ada.seesInPage(wrote, words)
        await bob.seesStatus(/^Saved/m)
      },
    )
  })

  describe('in the template chat', () => {
    const served = serveTemplate('chat')

    it.each(pairs)(
      'in %s and %s have all messages, once and in order, after one was offline',
      async (one, other) => {
        const room = `with-${one}-and-${other}`.toLowerCase()
        const { ada, bob, proxy } = await visitors(served, one, other, room)
        await chatBothWays(ada, bob)
        proxy.cut()
        await bob.seesStatus(/offline|connecting/i)
        await chatWhileBobIsOffline(ada, bob)
        proxy.resume()
        await hasBothChats(ada, bob)
      },
    )
  })

  /** Two new guests. `proxy` cuts the second one off. */
  async function visitors(served: Served, one: EngineName, other: EngineName, page: string) {
    const enter = async (name: string, engineName: EngineName) => {
      const engine = engines.get(engineName)
      if (engine === undefined) throw new Error(`${engineName} was not launched`)
      const proxy = await TcpProxy.open(served.port())
      onTestFinished(() => proxy.close())
      const visitor = await Visitor.enter(engine, `${proxy.url}/#${page}`, name)
      onTestFinished(async () => {
        const faults = await visitor.faults()
        await visitor.leave()
        expect(faults).toEqual([])
      })
      return { visitor, proxy }
    }
    const [{ visitor: ada }, { visitor: bob, proxy }] = await Promise.all([
      enter('Ada', one),
      enter('Bob', other),
    ])
    return { ada, bob, proxy }
  }
})

interface Served {
  readonly port: () => number
}

/** Serves a template for the tests of a `describe`. */
function serveTemplate(template: string): Served {
  let app: ScaffoldedApp | undefined
  let server: ServedApp | undefined
  beforeAll(async () => {
    app = scaffoldApp(template)
    server = await serveApp(app.directory)
  })
  afterAll(async () => {
    await server?.kill()
    app?.remove()
  })
  return { port: () => server?.port ?? 0 }
}

async function chatBothWays(ada: Visitor, bob: Visitor): Promise<void> {
  await ada.say('said1')
  await bob.seesInChat(said, ['said1'])
  await bob.say('said2')
  await ada.seesInChat(said, ['said1', 'said2'])
}

async function chatWhileBobIsOffline(ada: Visitor, bob: Visitor): Promise<void> {
  await bob.say('said4')
  await bob.say('said5')
  await ada.say('said3')
  await ada.seesInChat(said, ['said1', 'said2', 'said3'])
}

async function hasBothChats(ada: Visitor, bob: Visitor): Promise<void> {
  const all = ['said1', 'said2', 'said3', 'said4', 'said5']
  await ada.seesInChat(said, all)
  await bob.seesInChat(said, all)
}
