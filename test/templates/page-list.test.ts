import { afterEach, describe, expect, it, vi } from 'vitest'
import type { LatestValue, PendingPublish } from '../../src/client/index.ts'
import type { Json } from '../../src/protocol/message.ts'
import { pages as app } from '../../templates/workspace/rusher.config.ts'
import { keepPages, loadKeptPages } from '../../templates/workspace/src/kept-pages.ts'
import {
  fileNameOf,
  foldPages,
  makePageId,
  neighbourOf,
  type PagesBody,
  pageOfHash,
  searchPages,
  titleCharsMax,
  titleOf,
  toTitle,
} from '../../templates/workspace/src/pages.ts'

const ada = { id: 'ada', name: 'Ada' }
const now = 1_790_000_000_000

/** What the server keeps after some commands, as the app decides them. */
function keep(...commands: readonly PagesBody[]): ReadonlyMap<string, LatestValue> {
  const kept = new Map<string, LatestValue>()
  for (const [index, body] of commands.entries()) {
    const command = app.parse(body as Json)
    if (command === undefined) throw new Error(`refused: ${JSON.stringify(body)}`)
    const at = now + index
    const context = { now: at, head: 0, act: 'publish', found: new Map() } as const
    const decision = app.decide(null, command, { user: ada }, context)
    if (decision.kind !== 'publish' || typeof decision.keep !== 'object') throw new Error('kept?')
    const { latest: key, increasing } = decision.keep
    const fieldOf = (value: Json) => Number(Object(value)[increasing ?? ''])
    const before = kept.get(key)
    const isHigher = before === undefined || fieldOf(decision.body) > fieldOf(before.body)
    if (increasing === undefined || isHigher) {
      kept.set(key, { key, at, user: ada, body: decision.body })
    }
  }
  return kept
}

const list = (...commands: readonly PagesBody[]) => foldPages(keep(...commands), [])
const titles = (...commands: readonly PagesBody[]) =>
  list(...commands).pages.map(({ title }) => title)

describe('a title', () => {
  it.each([
    ['  Team   plans ', 'Team plans'],
    ['项目计划', '项目计划'],
    ['خطة الفريق', 'خطة الفريق'],
    ['👩‍👩‍👧 Café', '👩‍👩‍👧 Café'],
    ['two\nlines\u2028and\tmore', 'two lines and more'],
    ['half \ud83d of a pair', 'half of a pair'],
    ['🎉'.repeat(200), '🎉'.repeat(titleCharsMax)],
    [' \n\t', undefined],
    ['', undefined],
  ])('is made of %j as %j', (typed, title) => {
    expect(toTitle(typed)).toBe(title)
  })

  it('that is made here is accepted by the server, and no other', () => {
    const accepts = (title: unknown) =>
      app.parse({ kind: 'create', id: 'a', title } as Json) !== undefined
    for (const typed of [
      'a',
      '项目 🎉',
      'x'.repeat(500),
      '🎉'.repeat(500),
      'a\u202eb',
      '\0a\u2029',
    ]) {
      expect([typed, accepts(toTitle(typed))]).toEqual([typed, true])
    }
    const bad = ['', ' ', ' a', 'a ', 'a\nb', 'a\0', '\ud800', 'x'.repeat(121), 7, null, {}, ['a']]
    for (const title of bad) expect([title, accepts(title)]).toEqual([title, false])
  })

  it('is made of the id where a page has none, unless the id is a random one', () => {
    expect(titleOf('team-plans')).toBe('Team plans')
    expect(titleOf(makePageId((bytes) => bytes.fill(7)))).toBe('Untitled')
  })

  it.each([
    ['Plans: a/b?', 'Plans- a-b'],
    ['项目 🎉', '项目 🎉'],
    ['../..', 'page'],
    ['.hidden', 'hidden'],
  ])('%j is the name of the file %j', (title, name) => {
    expect(fileNameOf(title)).toBe(name)
  })
})

describe('the id of a page', () => {
  it('is random, and a name of documents and channels', () => {
    const ids = new Set(
      Array.from({ length: 50 }, () => makePageId((bytes) => crypto.getRandomValues(bytes))),
    )
    expect(ids.size).toBe(50)
    for (const id of ids) expect(pageOfHash(`#${id}`)).toBe(id)
  })

  it.each(['', '#', '#<img>', '#Notes', `#${'a'.repeat(33)}`, '#../x'])(
    'in the address %j is none, which is the first page',
    (hash) => {
      expect(pageOfHash(hash)).toBe('welcome')
    },
  )

  it.each<Json>([
    null,
    7,
    'create',
    [],
    {},
    { kind: 'create', id: 'a' },
    { kind: 'create', id: 'A b', title: 'a' },
    { kind: 'create', id: 5, title: 'a' },
    { kind: 'rename', id: 'a', title: 'a' },
    { kind: 'rename', id: 'a', title: 'a', createdAt: -1 },
    { kind: 'rename', id: 'a', title: 'a', createdAt: 1.5 },
    { kind: 'delete' },
    { kind: 'delete', id: '' },
    { kind: 'destroy', id: 'a' },
  ])('and what is done to it are checked by the server, which refuses %j', (body) => {
    expect(app.parse(body)).toBeUndefined()
  })
})

describe('the list of pages', () => {
  it('begins with the first pages, then has the others in the order in which they were made', () => {
    expect(
      titles(
        { kind: 'create', id: 'z', title: 'First' },
        { kind: 'create', id: 'a', title: 'Second' },
        { kind: 'rename', id: 'z', title: 'Änderung', createdAt: now },
        { kind: 'rename', id: 'notes', title: '笔记', createdAt: 1 },
      ),
    ).toEqual(['Welcome', '笔记', 'Plans', 'Änderung', 'Second'])
  })

  it('has a page that was opened by its address, and keeps the title of one that has one', () => {
    expect(titles({ kind: 'list', id: 'team', title: 'Team' })).toContain('Team')
    const again = titles(
      { kind: 'create', id: 'team', title: 'Our team' },
      { kind: 'list', id: 'team', title: 'Team' },
    )
    expect(again).toContain('Our team')
    expect(again).not.toContain('Team')
  })

  it('has a page of any time, and none from the future', () => {
    const { pages } = list(
      { kind: 'rename', id: 'x', title: 'From the future', createdAt: Number.MAX_SAFE_INTEGER },
      { kind: 'create', id: 'y', title: 'Later' },
    )
    expect(pages.slice(3).map(({ id }) => id)).toEqual(['x', 'y'])
  })

  it('moves a deleted page to the deleted ones, whatever is typed into its title meanwhile', () => {
    const { pages, deleted } = list(
      { kind: 'create', id: 'a', title: 'A' },
      { kind: 'delete', id: 'a' },
      { kind: 'rename', id: 'a', title: 'B', createdAt: now },
    )
    expect(pages.some(({ id }) => id === 'a')).toBe(false)
    expect(deleted).toMatchObject([{ id: 'a', title: 'B', deletedBy: 'Ada', deletedAt: now + 1 }])
  })

  it('has a restored page again, and nothing of one that was deleted for good', () => {
    const made = { kind: 'create', id: 'a', title: 'A' } as const
    const restored = list(made, { kind: 'delete', id: 'a' }, { kind: 'restore', id: 'a' })
    expect(restored.pages.map(({ id }) => id)).toContain('a')
    expect(restored.deleted).toEqual([])
    const purged = list(made, { kind: 'delete', id: 'a' }, { kind: 'purge', id: 'a' })
    expect([...purged.pages, ...purged.deleted].map(({ id }) => id)).not.toContain('a')
  })

  it('shows what is on its way to the server, but not what the server refused', () => {
    const pending = [
      { body: { kind: 'create', id: 'a', title: 'Coming' }, state: 'queued' },
      { body: { kind: 'create', id: 'b', title: 'Refused' }, state: 'failed' },
      { body: { kind: 'delete', id: 'notes' }, state: 'sent' },
    ].map((one, index) => ({ id: `${index}`, ...one })) as PendingPublish<PagesBody>[]
    const { pages, deleted } = foldPages(new Map(), pending)
    expect(pages.map(({ title }) => title)).toEqual(['Welcome', 'Plans', 'Coming'])
    expect(deleted.map(({ id }) => id)).toEqual(['notes'])
  })

  it('passes over what is no page', () => {
    const bodies: Json[] = [null, 5, 'x', {}, { kind: 'title', id: '<img>', title: 'x' }]
    const kept = bodies.map(
      (body, index) => [`${index}`, { key: '', at: 0, user: ada, body }] as const,
    )
    expect(foldPages(new Map(kept), []).pages).toHaveLength(3)
  })

  it('can be hundreds of pages long', () => {
    const made = Array.from({ length: 400 }, (_, index) => {
      return { kind: 'create', id: `p${index}`, title: `Page ${index}` } as const
    })
    expect(list(...made).pages).toHaveLength(403)
  })

  it('is searched by words, whatever their accents and capitals', () => {
    const { pages } = list(
      { kind: 'create', id: 'a', title: 'Café in Zürich' },
      { kind: 'create', id: 'b', title: '项目 计划' },
    )
    const found = (search: string) => searchPages(pages, search).map(({ id }) => id)
    expect(found('ZURICH cafe')).toEqual(['a'])
    expect(found('计划')).toEqual(['b'])
    expect(found('nothing like it')).toEqual([])
    expect(found('  ')).toHaveLength(5)
  })

  it('names the page to go on to when one is gone', () => {
    const { pages } = list()
    expect(neighbourOf(pages, 'welcome')).toBe('notes')
    expect(neighbourOf(pages, 'plans')).toBe('notes')
    expect(neighbourOf([], 'x')).toBe('welcome')
  })
})

describe('what this browser keeps of the list', () => {
  afterEach(() => vi.unstubAllGlobals())

  function storage(setItem: (key: string, value: string) => void = () => undefined) {
    const items = new Map<string, string>()
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => items.get(key) ?? null,
      setItem(key: string, value: string) {
        setItem(key, value)
        items.set(key, value)
      },
    })
    return items
  }

  it('is the list as the server last gave it', () => {
    storage()
    const kept = keep({ kind: 'create', id: 'a', title: '项目' })
    keepPages(kept)
    expect(foldPages(loadKeptPages(), [])).toEqual(foldPages(kept, []))
  })

  it('is nothing where nothing can be kept, or something else is there', () => {
    storage(() => {
      throw new Error('QuotaExceededError')
    })
    keepPages(keep({ kind: 'create', id: 'a', title: 'A' }))
    expect(loadKeptPages().size).toBe(0)
    for (const odd of ['no JSON', 'null', '{}', '[1]', '[["a"]]', '[["a",{"at":"x"}]]']) {
      storage().set('rusher-pages', odd)
      expect([odd, loadKeptPages().size]).toEqual([odd, 0])
    }
  })
})
