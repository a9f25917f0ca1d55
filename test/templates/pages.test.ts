import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { asHtml } from '../../templates/editor/src/page/copy/as-html.ts'
import { asMarkdown } from '../../templates/editor/src/page/copy/as-markdown.ts'
import { asText } from '../../templates/editor/src/page/copy/as-text.ts'
import { isEmptyPage, readPage } from '../../templates/editor/src/page/copy/read-page.ts'
import {
  firstFacts,
  isWritable,
  stateOf,
  wordsOf,
} from '../../templates/editor/src/page/page-state.ts'
import {
  closedBy,
  deniedFor,
  parseNotice,
  refusalOf,
} from '../../templates/editor/src/page/refusals.ts'
import { soundState } from '../../templates/editor/src/page/safe/page-awareness.ts'
import { soundAttributes } from '../../templates/editor/src/page/safe/sound-attributes.ts'

const refusal = refusalOf({ code: 'DOCUMENT_FULL', message: 'No room.' })

describe('the state of a page', () => {
  const known = { ...firstFacts, connected: true, loaded: true, synced: true, everSynced: true }

  it.each([
    ['opening', firstFacts],
    ['opening', { ...firstFacts, unreachable: true }],
    ['offline', { ...firstFacts, unreachable: true, loaded: true }],
    ['offline', { ...known, connected: false }],
    ['opening', { ...known, loaded: false }],
    ['opening', { ...firstFacts, connected: true, loaded: true }],
    ['saved', known],
    ['saving', { ...known, unsaved: 1 }],
    ['saving', { ...known, synced: false }],
    ['saving', { ...firstFacts, connected: true, loaded: true, changedOffline: true }],
    ['read only', { ...known, readOnly: true }],
    ['held', { ...known, unsaved: 1, held: refusal }],
    ['refused', { ...known, held: refusal, refusal }],
    ['refused', { ...firstFacts, refusal }],
  ])('is %s', (kind, facts) => {
    expect(stateOf(facts).kind).toBe(kind)
  })

  it('is not editable before write access is known, or after a permanent refusal', () => {
    expect(isWritable({ kind: 'opening' })).toBe(false)
    expect(isWritable({ kind: 'read only' })).toBe(false)
    expect(isWritable({ kind: 'refused', refusal, unsent: true })).toBe(false)
    expect(isWritable({ kind: 'held', refusal })).toBe(true)
    expect(isWritable({ kind: 'offline', unsent: true })).toBe(true)
  })
})

describe('what the server says beside the document', () => {
  const parse = (message: object) => parseNotice(JSON.stringify({ message: 'Why.', ...message }))

  it.each([
    [{ kind: 'refused', code: 'BAD_UPDATE' }, 'refused'],
    [{ kind: 'refused', code: 'NEVER_HEARD_OF' }, 'refused'],
    [{ kind: 'refused', code: 'CLIENT_ID_TAKEN', permanent: true }, 'refused'],
    [{ kind: 'refused', code: 'DOCUMENT_FULL', permanent: false, limit: 5 }, 'held'],
    [{ kind: 'refused', code: 'GAP', permanent: false }, undefined],
    [{ kind: 'refused', code: 'UNAVAILABLE' }, undefined],
    [{ kind: 'refused', about: 'presence', code: 'PRESENCE_TOO_LARGE' }, undefined],
    [{ kind: 'refused', about: 'message', code: 'READ_ONLY' }, undefined],
    [{ kind: 'kept' }, 'told'],
    [{ kind: 'corrected' }, 'told'],
    [{ kind: 'of an app' }, undefined],
    [{ kind: 'refused', code: 5 }, undefined],
    [{ kind: 'refused', message: {} }, undefined],
  ])('%o is %s', (message, kind) => {
    expect(parse(message)?.kind).toBe(kind)
  })

  it.each(['', 'no JSON', 'null', '7', '"text"', '[]'])('passes over %o', (payload) => {
    expect(parseNotice(payload)).toBeUndefined()
  })
})

describe('a page that the server refuses', () => {
  const known = { ...firstFacts, connected: true, loaded: true, synced: true, everSynced: true }
  const of = (code: string) => refusalOf({ code, message: 'What the server says.' })

  it.each([
    ['BAD_UPDATE', 'Your last changes were not saved', 'Not saved', 'Open the saved version'],
    [
      'CLIENT_ID_TAKEN',
      'This copy of the page can no longer be used',
      'Not saved',
      'Open the saved version',
    ],
    ['DOCUMENT_FULL', 'The page is full', 'Not saved', 'Open the saved version'],
    ['READ_ONLY', 'This page is now read-only for you', 'Not saved', 'Open the saved version'],
    ['DELETED', 'This page was deleted', 'Deleted', 'Open the page as it is now'],
    ['DENIED', 'You do not have access to this page', 'No access', undefined],
    ['TOKEN_EXPIRED', 'Your session has expired', 'Signed out', undefined],
    ['TOKEN_REFUSED', 'Your sign-in was not accepted', 'Signed out', undefined],
    ['BAD_NAME', 'This page name is not valid', 'Not saved', undefined],
  ])('says of %s "%s", is "%s", and gives a way on', (code, title, state, reopen) => {
    const told = of(code)
    expect(told).toMatchObject({ title, reopen })
    expect(wordsOf(stateOf({ ...known, refusal: told }))).toBe(state)
    const isOnButtons = /reload/i.test(told.message)
    expect(told.mayReload || !isOnButtons).toBe(true)
  })

  it('has words or silence for every code that the protocol lists', () => {
    const protocol = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8')
    const table = protocol.split('| Code | Permanent | Meaning |')[1]?.split('\n\n')[0] ?? ''
    const codes = [...table.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code = '']) => code)
    expect(codes.length).toBeGreaterThan(6)
    for (const code of codes) {
      const notice = parseNotice(JSON.stringify({ kind: 'refused', code, message: 'Why.' }))
      const isQuiet = code === 'GAP' || code === 'UNAVAILABLE'
      expect([code, notice === undefined]).toEqual([code, isQuiet])
      // The server's message of a full page has the limit in it, and is for the person as it is.
      const hasOwnWords = of(code).message !== 'What the server says.'
      expect([code, hasOwnWords]).toEqual([code, !isQuiet && code !== 'DOCUMENT_FULL'])
    }
  })

  it('is called not saved where something was written that the server never acknowledged', () => {
    const wordsIf = (facts: object, code = 'DENIED') =>
      wordsOf(stateOf({ ...known, ...facts, refusal: of(code) }))
    expect(wordsIf({ unsaved: 1 })).toBe('Not saved')
    expect(wordsIf({ changedOffline: true })).toBe('Not saved')
    expect(wordsIf({ synced: false, unsaved: 1 })).toBe('No access')
    expect(wordsIf({ unsaved: 1 }, 'DELETED')).toBe('Deleted')
  })

  it.each([
    ['the document was deleted', 'DELETED'],
    ['the token expired', 'TOKEN_EXPIRED'],
    ['permission-denied', 'DENIED'],
  ])('takes the reason "%s" for %s where no notice came before it', (reason, code) => {
    expect(deniedFor(reason).title).toBe(of(code).title)
  })

  it('says of a code without words what the server says', () => {
    expect(of('NEVER_HEARD_OF').message).toBe('What the server says.')
    expect(closedBy('gone').message).toBe('gone')
  })
})

describe('attributes of what is stored', () => {
  it.each<[object | null | undefined, object | null]>([
    [null, null],
    [undefined, null],
    [{ colspan: 1e9, rowspan: 'x', colwidth: ['a'] }, {}],
    [
      { colspan: 2, rowspan: 3, colwidth: [10, null] },
      { colspan: 2, rowspan: 3, colwidth: [10, null] },
    ],
    [{ level: 99 }, {}],
    [{ level: 2 }, { level: 2 }],
    [{ href: 7 }, {}],
    [{ href: 'javascript:x' }, {}],
    [{ href: 'https://a.example', target: {} }, { href: 'https://a.example' }],
    [{ src: 'data:text/html,x', alt: 'a', width: 'calc(1px)' }, { alt: 'a' }],
    [JSON.parse('{"__proto__":{"a":1},"alt":"b"}'), { alt: 'b' }],
  ])('%o become %o', (given, wanted) => {
    expect(soundAttributes(given)).toEqual(wanted)
  })
})

describe('what others say of themselves', () => {
  const nobody = { name: 'Someone', color: '#545a72' }
  const position = { type: null, tname: 'default', item: { client: 1, clock: 2 }, assoc: 0 }

  it.each<[Record<string, unknown>, object]>([
    [{}, { user: nobody, cursor: null }],
    [
      { user: 5, cursor: 7 },
      { user: nobody, cursor: null },
    ],
    [
      { user: { name: {}, color: 'url(//x)', id: 1 }, cursor: { anchor: 1, head: 2 } },
      { user: nobody, cursor: null },
    ],
    [{ cursor: { anchor: position, head: { tname: 'other' } } }, { user: nobody, cursor: null }],
    [{ cursor: { anchor: position, head: {} } }, { user: nobody, cursor: null }],
    [
      {
        user: { id: 'a', name: 'Ada', color: '#123456' },
        cursor: { anchor: position, head: position },
      },
      {
        user: { id: 'a', name: 'Ada', color: '#123456' },
        cursor: { anchor: position, head: position },
      },
    ],
  ])('%o becomes %o', (given, wanted) => {
    expect(soundState(given)).toEqual(wanted)
  })
})

describe('a copy of a page', () => {
  function pageOf(fill: (root: Y.XmlFragment) => void) {
    const doc = new Y.Doc()
    fill(doc.getXmlFragment('default'))
    return readPage(doc)
  }
  function element(name: string, attributes: object, ...children: (Y.XmlElement | string)[]) {
    const made = new Y.XmlElement(name)
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value as never)
    made.insert(
      0,
      children.map((child) => (typeof child === 'string' ? new Y.XmlText(child) : child)),
    )
    return made
  }
  const paragraph = (words: string) => element('paragraph', {}, words)
  const page = () =>
    pageOf((root) => {
      const words = new Y.XmlText()
      const cell = (text: string) => element('tableCell', { colspan: 1 }, paragraph(text))
      root.push([
        element('heading', { level: 2 }, 'A <title>'),
        element('paragraph', {}),
        element(
          'bulletList',
          {},
          element(
            'listItem',
            {},
            paragraph('one'),
            element('orderedList', {}, element('listItem', {}, paragraph('in it'))),
          ),
          element('listItem', {}, paragraph('2. two')),
        ),
        element('blockquote', {}, paragraph('said')),
        element('codeBlock', {}, 'a\n```\nb'),
        element('horizontalRule', {}),
        element('image', { src: 'https://a.example/a.png', alt: 'a "b"' }),
        element('table', {}, element('tableRow', {}, cell('x|y'), cell('z'))),
      ])
      const second = root.get(1) as Y.XmlElement
      second.insert(0, [words])
      words.insert(0, 'plain ', {})
      words.insert(6, 'bold ', { bold: {} })
      words.insert(11, 'link', { bold: null, link: { href: 'https://a.example/?a=1&b="2"' } })
      words.insert(15, 'bad', { link: { href: 'javascript:x' } })
      words.insert(18, 'a`b', { link: null, code: {} })
    })

  it('is text', () => {
    expect(asText(page())).toBe(
      'A <title>\nplain bold linkbada`b\none\nin it\n2. two\nsaid\na\n```\nb\n—\n\nx|y\tz',
    )
  })

  it('is Markdown', () => {
    expect(asMarkdown(page())).toBe(
      [
        '## A \\<title\\>',
        'plain **bold** [link](<https://a.example/?a=1&b=%222%22>)bad``a`b``',
        '- one\n\n  1. in it\n- 2\\. two',
        '> said',
        '````\na\n```\nb\n````',
        '---',
        '![a "b"](<https://a.example/a.png>)',
        '| x\\|y | z |\n| --- | --- |\n',
      ].join('\n\n'),
    )
  })

  it('is a web page that runs nothing', () => {
    const html = asHtml('A & <b>', page())
    expect(html).toContain('<title>A &amp; &lt;b&gt;</title>')
    expect(html).toContain('<h2>A &lt;title&gt;</h2>')
    expect(html).toContain('<strong>bold </strong>')
    expect(html).toContain(
      '<a href="https://a.example/?a=1&amp;b=%222%22" rel="noopener noreferrer">link</a>bad',
    )
    expect(html).toContain('alt="a &quot;b&quot;"')
    expect(html).not.toContain('javascript')
  })

  it('skips content that is not part of a page and keeps the rest', () => {
    const broken = pageOf((root) => {
      const text = new Y.XmlText()
      root.push([new Y.Map() as never, element('paragraph', { a: new Y.Map() }, 'kept')])
      ;(root.get(1) as Y.XmlElement).insert(0, [new Y.Array() as never, text])
      text.insert(0, 'words ')
      text.insertEmbed(2, { image: 1 })
      let inner = root.get(1) as Y.XmlElement
      for (let depth = 0; depth < 300; depth += 1) {
        const next = element('blockquote', {})
        inner.push([next])
        inner = next
      }
    })
    expect(asText(broken)).toContain('words kept')
    expect(asMarkdown(broken)).toContain('words kept')
    expect(asHtml('x', broken)).toContain('words')
    expect(isEmptyPage(broken)).toBe(false)
    expect(isEmptyPage(pageOf((root) => root.push([element('paragraph', {})])))).toBe(true)
  })
})
