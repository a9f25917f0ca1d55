import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { createDocumentCache } from './document-cache.ts'
import type { Checked } from './document-engine.ts'
import { SchemaGuard } from './schema-guard.ts'
import type { DocumentSchema } from './schema-rules.ts'

const limits = {
  subdocumentsMax: 100,
  updateStructsMax: 1e6,
  updateDeletesMax: 1e6,
  updateLengthMax: 1e7,
  checkMs: 1e3,
  checkMsPerKb: 2,
  taskMs: 3e4,
  loadedBytesMax: 1e7,
  partBytesMax: 65_536,
}

/** A document as a server has it, and a reader who takes what comes out of the log. */
function open(schema: DocumentSchema = {}) {
  const copies = createDocumentCache(limits, new SchemaGuard(schema))
  copies.load('d', { owners: new Map(), parts: [], updates: [] })
  const reader = new Y.Doc()
  const log: Uint8Array[] = []

  /** Somebody writes, with Yjs and no editor. */
  function write(act: (doc: Y.Doc) => void, userId = 'mallory'): Checked {
    const writer = new Y.Doc()
    for (const update of log) Y.applyUpdate(writer, update)
    const before = Y.encodeStateVector(writer)
    writer.transact(() => act(writer))
    const checked = copies.check('d', {
      update: Y.encodeStateAsUpdate(writer, before),
      userId,
      write: true,
      growthBytesMax: 1e7,
    })
    if (checked.kind !== 'new') return checked
    log.push(checked.delta)
    Y.applyUpdate(reader, checked.delta)
    // The writer comes to the same as everybody else.
    Y.applyUpdate(writer, checked.delta)
    expect(Y.encodeStateVector(writer)).toEqual(Y.encodeStateVector(reader))
    expect(writer.getXmlFragment('default').toJSON()).toBe(
      reader.getXmlFragment('default').toJSON(),
    )
    return checked
  }
  return { write, reader, fragment: () => reader.getXmlFragment('default') }
}

function element(name: string, attributes: object = {}, ...children: (Y.XmlElement | Y.XmlText)[]) {
  const made = new Y.XmlElement<Record<string, never>>(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value as never)
  made.insert(0, children)
  return made as unknown as Y.XmlElement
}

function add(doc: Y.Doc, ...children: (Y.XmlElement | Y.XmlText)[]): void {
  doc.getXmlFragment('default').push(children)
}

function firstOf(fragment: Y.XmlFragment): Y.XmlElement {
  const first = fragment.get(0)
  if (!(first instanceof Y.XmlElement)) throw new Error('there is no first element')
  return first
}

describe('attributes of nodes', () => {
  test.each<[string, string, unknown, unknown]>([
    ['tableCell', 'colspan', 1e9, 1],
    ['tableCell', 'colspan', 'wide', 1],
    ['tableCell', 'colspan', '2', 2],
    ['tableHeader', 'colspan', -3, 1],
    ['tableHeader', 'rowspan', 1e9, 1],
    ['tableCell', 'rowspan', { a: 1 }, 1],
    ['tableCell', 'colwidth', 'all', undefined],
    ['tableCell', 'colwidth', ['x'], undefined],
    ['tableCell', 'colwidth', Array(5_000).fill(1), undefined],
    ['heading', 'level', 99, 1],
    ['heading', 'level', 'script', 1],
    ['heading', 'level', '2', 2],
    ['orderedList', 'start', 'x', 1],
    ['image', 'src', 7, ''],
    ['image', 'src', 'javascript:alert(1)', ''],
    ['image', 'src', 'data:text/html,<script>alert(1)</script>', ''],
    ['iframe', 'src', ' java\tscript:alert(1)', ''],
    ['file', 'href', 'data:text/html,x', ''],
    ['file', 'href', 12, ''],
    ['paragraph', 'textAlign', 'left; position: fixed', undefined],
    ['paragraph', 'class', { a: 1 }, undefined],
    ['paragraph', 'style', 5, undefined],
    ['paragraph', 'onclick', 'alert(1)', undefined],
    ['paragraph', 'onPointerEnter', 'alert(1)', undefined],
    ['taskItem', 'checked', 'true', true],
    ['taskItem', 'checked', { a: 1 }, false],
  ])('%s %s=%o becomes %o', (name, key, value, wanted) => {
    const { write, fragment } = open()
    write((doc) => add(doc, element(name, { [key]: value })))
    expect(firstOf(fragment()).getAttribute(key)).toEqual(wanted)
  })

  test('that are changed later are corrected too, and other content stays', () => {
    const { write, fragment } = open()
    write((doc) => add(doc, element('tableCell', { colspan: 2 }, new Y.XmlText('text'))), 'ann')
    const checked = write((doc) => {
      firstOf(doc.getXmlFragment('default')).setAttribute('colspan', 1e9 as never)
    })
    expect(checked).toMatchObject({ kind: 'new', corrected: 1 })
    expect(fragment().toJSON()).toBe('<tablecell colspan="1">text</tablecell>')
  })

  test('that hold a type, bytes or a document are corrected if their meaning is known', () => {
    const { write, fragment } = open()
    write((doc) => {
      const image = element('image', { alt: 'a picture' })
      add(doc, image)
      image.setAttribute('src', new Y.Map() as never)
    })
    expect(firstOf(fragment()).getAttributes()).toEqual({ alt: 'a picture', src: '' })
  })
})

describe('marks', () => {
  test.each([
    { href: 7 },
    { href: 'javascript:alert(1)' },
    { href: 'JAVA\nSCRIPT:alert(1)' },
    { href: 'data:text/html,x' },
    { href: 'https://a.example', target: { a: 1 } },
    {},
    'https://a.example',
    5,
  ])('a link %o is taken off, and its text stays', (link) => {
    const { write, fragment } = open()
    write((doc) => {
      const text = new Y.XmlText()
      add(doc, element('paragraph', {}, text))
      text.insert(0, 'before click after')
      text.format(7, 5, { link })
    })
    expect(fragment().toJSON()).toBe('<paragraph>before click after</paragraph>')
  })

  test('a valid link around it continues', () => {
    const { write, fragment } = open()
    write((doc) => {
      const text = new Y.XmlText()
      add(doc, element('paragraph', {}, text))
      text.insert(0, 'abc', { link: { href: 'https://a.example' } })
    })
    write((doc) => {
      const text = firstOf(doc.getXmlFragment('default')).get(0) as Y.XmlText
      text.format(1, 1, { link: { href: 4 } })
    })
    const text = firstOf(fragment()).get(0) as Y.XmlText
    const attributes = { link: { href: 'https://a.example' } }
    expect(text.toDelta()).toEqual([
      { insert: 'ab', attributes },
      { insert: 'c', attributes },
    ])
  })

  test('a hashed name is checked like its mark, and a style cannot load anything', () => {
    const { write, fragment } = open()
    write((doc) => {
      const text = new Y.XmlText()
      add(doc, element('paragraph', {}, text))
      text.insert(0, 'abc', {
        'link--AAAAAAA=': { href: 1 },
        textStyle: { color: 'red; background: url(//x)' },
      })
    })
    expect(fragment().toJSON()).toBe('<paragraph>abc</paragraph>')
  })

  test('an attribute named __proto__ is taken off with its mark', () => {
    const { write, fragment } = open()
    write((doc) => {
      const text = new Y.XmlText()
      add(doc, element('paragraph', {}, text))
      text.insert(0, 'abc', { comment: JSON.parse('{"__proto__":{"polluted":1}}') })
    })
    expect(fragment().toJSON()).toBe('<paragraph>abc</paragraph>')
  })
})

describe('structure', () => {
  test('what is neither element nor text is taken out of elements and of their root', () => {
    const { write, fragment } = open()
    write((doc) => add(doc, element('paragraph', {}, new Y.XmlText('kept'))), 'ann')
    write((doc) => {
      const root = doc.getXmlFragment('default')
      root.insert(0, [new Y.Map() as never, new Y.Array() as never, new Y.Text('x') as never])
      const paragraph = root.get(3) as Y.XmlElement
      paragraph.insert(0, [new Y.Map() as never, new Y.XmlHook('h') as never])
    })
    expect(fragment().toJSON()).toBe('<paragraph>kept</paragraph>')
  })

  test('embeds are taken out of texts in elements', () => {
    const { write, fragment } = open()
    write((doc) => {
      const text = new Y.XmlText()
      add(doc, element('paragraph', {}, text))
      text.insert(0, 'ab')
      text.insertEmbed(1, { image: 'x' })
      text.insertEmbed(1, new Y.Map())
    })
    const text = firstOf(fragment()).get(0) as Y.XmlText
    expect(text.toDelta()).toEqual([{ insert: 'ab' }])
  })

  test.each(['', '<img>', 'a b', 'x'.repeat(200), '1', '"'])(
    'an element named %o is taken out, and what stands beside it stays',
    (name) => {
      const { write, fragment } = open()
      write((doc) =>
        add(
          doc,
          element('paragraph', {}, new Y.XmlText('kept')),
          element('list', {}, element(name)),
        ),
      )
      write((doc) => add(doc, element(name)))
      expect(fragment().toJSON()).toBe('<paragraph>kept</paragraph><list></list>')
    },
  )

  test('what is nested deeper than an editor goes down is taken out', () => {
    const { write, fragment } = open()
    write((doc) => {
      let inner = element('paragraph')
      for (let depth = 0; depth < 230; depth += 1) inner = element('blockquote', {}, inner)
      add(doc, inner)
    })
    expect(
      fragment()
        .toJSON()
        .match(/<blockquote>/g)?.length,
    ).toBeLessThanOrEqual(202)
    expect(fragment().toJSON()).not.toContain('paragraph')
  })
})

describe('what is left as it is', () => {
  test('everything that editors write', () => {
    const { write } = open()
    const checked = write((doc) => {
      const text = new Y.XmlText()
      const cell = { colspan: 2, rowspan: 3, colwidth: [120, 80] }
      add(
        doc,
        element('heading', { level: 3, textAlign: 'center', id: 'abc' }, text),
        element('image', { src: 'data:image/png;base64,AAAA', alt: '', width: 300, height: '50%' }),
        element('image', { src: 'https://a.example/a.png', title: 'A' }),
        element('table', {}, element('tableRow', {}, element('tableCell', cell))),
        element('taskList', {}, element('taskItem', { checked: true, online: 'yes', once: 1 })),
        element('orderedList', { start: 4, type: 'a' }),
        element('mention', { id: 'u1', label: 'Ann', data: { deep: [1, { a: null }] } }),
        element('div', { class: 'note', style: 'color: red' }),
      )
      text.insert(0, 'link', {
        link: { href: 'mailto:a@example.org', target: '_blank', rel: null, class: null },
        bold: {},
        textStyle: { color: 'rgb(1, 2, 3)', fontFamily: '"Comic Sans", cursive' },
        highlight: { color: '#ffff00' },
        comment: { commentId: 'c1', resolved: false },
      })
    })
    expect(checked).toMatchObject({ kind: 'new' })
    expect(checked).not.toHaveProperty('corrected')
  })

  test.each<[string, (doc: Y.Doc) => void]>([
    ['Quill', (doc) => doc.getText('t').insert(0, 'a', { link: 'javascript:x', image: 5 })],
    ['Quill with embeds', (doc) => doc.getText('t').insertEmbed(0, { image: 'javascript:x' })],
    ['maps', (doc) => doc.getMap('m').set('href', 7)],
    ['lists', (doc) => doc.getArray('a').push([{ colspan: 1e9 }, new Y.Map(), new Y.XmlText('x')])],
    ['maps of elements', (doc) => doc.getMap('m').set('a', element('x', { colspan: 1e9 }))],
    [
      'Lexical',
      (doc) => {
        const root = doc.get('root', Y.XmlText)
        const paragraph = new Y.XmlText()
        root.insertEmbed(0, paragraph)
        root.insertEmbed(1, element('UNDEFINED', { __type: 'image', __src: 'javascript:x' }))
        paragraph.insertEmbed(0, new Y.Map([['__type', 'text']]))
        paragraph.insert(1, 'words')
        root.insertEmbed(2, new Y.Map([['__type', 'linebreak']]))
      },
    ],
  ])('documents of %s', (_name, act) => {
    const { write } = open()
    const checked = write(act)
    expect(checked).toMatchObject({ kind: 'new' })
    expect(checked).not.toHaveProperty('corrected')
  })
})

test('a custom schema names all attributes of a node or mark and removes the others', () => {
  const { write, fragment } = open({
    nodes: { callout: { tone: { oneOf: ['calm', 'loud'] }, size: { integer: [1, 3], or: 2 } } },
    marks: { comment: { id: 'string' } },
  })
  write((doc) => {
    const text = new Y.XmlText()
    add(
      doc,
      element('callout', { tone: 'rude', size: 9, other: 1 }),
      element('paragraph', { other: 1 }, text),
    )
    text.insert(0, 'a', { comment: { id: 'c', more: 1 } })
    text.insert(1, 'b', { comment: { id: 'c' } })
  })
  expect(firstOf(fragment()).getAttributes()).toEqual({ size: 2 })
  expect((fragment().get(1) as Y.XmlElement).getAttributes()).toEqual({ other: 1 })
  expect(((fragment().get(1) as Y.XmlElement).get(0) as Y.XmlText).toDelta()).toEqual([
    { insert: 'a' },
    { insert: 'b', attributes: { comment: { id: 'c' } } },
  ])
})

test('many corrections take time in proportion, and leave the sound rest', () => {
  const { write, fragment } = open()
  const checked = write((doc) => {
    const cells = Array.from({ length: 5_000 }, () => element('tableCell', { colspan: 1e9 }))
    add(doc, element('tableRow', {}, ...cells))
  })
  expect(checked).toMatchObject({ corrected: 5_000 })
  expect(firstOf(fragment()).length).toBe(5_000)
})
