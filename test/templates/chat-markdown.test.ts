import { describe, expect, it } from 'vitest'
import { attachmentsOf, splitLinks } from '../../templates/chat/src/room/links.ts'
import {
  type Block,
  type Inline,
  linksOf,
  parseMarkdown,
  plainText,
} from '../../templates/chat/src/room/markdown.ts'

/** A message as short markup of the test's own, to compare at a glance. */
function shown(source: string): string {
  return parseMarkdown(source).map(showBlock).join('|')
}

function showBlock(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return `p(${showInlines(block.children)})`
    case 'code':
      return `pre(${block.text})`
    case 'quote':
      return `quote(${block.children.map(showBlock).join('|')})`
    case 'list': {
      const items = block.items.map((item) => item.map(showBlock).join('|'))
      return `${block.start === undefined ? 'ul' : `ol${block.start}`}(${items.join(';')})`
    }
  }
}

function showInlines(nodes: readonly Inline[]): string {
  return nodes.map(showInline).join('')
}

function showInline(node: Inline): string {
  if (node.kind === 'text') return node.text
  if (node.kind === 'code') return `code(${node.text})`
  if (node.kind === 'mention') return `mention(${node.id},${node.name})`
  const words = showInlines(node.children)
  return node.kind === 'link' ? `link(${node.href},${words})` : `${node.kind}(${words})`
}

function depthOf(blocks: readonly (Block | Inline)[]): number {
  const depths = blocks.map((node) => {
    if (node.kind === 'list') return depthOf(node.items.flat())
    return 'children' in node ? depthOf(node.children) : 0
  })
  return 1 + Math.max(0, ...depths)
}

describe('a message in Markdown', () => {
  it.each([
    ['**b** *i* _i_ ~~s~~ `c`', 'p(strong(b) emphasis(i) emphasis(i) strike(s) code(c))'],
    ['one\ntwo', 'p(one\ntwo)'],
    ['one\n\ntwo', 'p(one)|p(two)'],
    ['- a\n- b', 'ul(p(a);p(b))'],
    ['3. a\n4. b', 'ol3(p(a);p(b))'],
    ['> said\n\nanswer', 'quote(p(said))|p(answer)'],
    ['```js\nlet a = "<b>"\n```', 'pre(let a = "<b>")'],
    ['[here](https://a.example/b)', 'p(link(https://a.example/b,here))'],
    ['<https://a.example>', 'p(link(https://a.example/,https://a.example))'],
    ['[mail](mailto:a@b.example)', 'p(link(mailto:a@b.example,mail))'],
    ['https://a.example/*b*_c_', 'p(link(https://a.example/*b*_c,https://a.example/*b*_c)_)'],
    ['snake_case_name 2 * 3 * 4', 'p(snake_case_name 2 * 3 * 4)'],
  ])('%j is shown as %s', (source, expected) => {
    expect(shown(source)).toBe(expected)
  })

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<b>bold</b>',
    '<!-- a comment -->',
    '&lt;b&gt; &amp;',
    '# no heading',
    'no heading\n===',
    '[a]: b.example',
    '[x](javascript:alert(1))',
    '[x](JAVASCRIPT:alert(1))',
    '[x](data:text/html,<script>1</script>)',
    '[x](vbscript:1)',
    '[x](/relative)',
    '[x](//a.example)',
    '[x](file:///etc/passwd)',
    '***',
    '>',
    '-',
    '```',
  ])('%j stays as it was typed', (source) => {
    expect(shown(source)).toBe(`p(${source})`)
  })

  it('that embeds an image links to it instead', () => {
    expect(shown('![a](https://a.example/b.png)')).toBe('p(!link(https://a.example/b.png,a))')
  })

  it('has no link inside a link', () => {
    expect(shown('[see https://a.example now](https://b.example)')).not.toMatch(/link\(.*link\(/)
  })

  it.each([
    '>',
    '> ',
    '- ',
    '1. ',
    '> - ',
    '*',
    '**a',
    '*a_',
    '[',
    '[a](',
    '[[a](b)',
    'a*b_c~~',
    '* a\n',
    '>\n',
    '`a``',
    '<a',
  ])('of nothing but %j is shallow and takes little time', (piece) => {
    const source = piece.repeat(4_000).slice(0, 4_000)
    const blocks = parseMarkdown(source)
    expect(depthOf(blocks)).toBeLessThan(30)
    expect(blocks.length).toBeGreaterThan(0)
  })

  it('that is nested too deeply over many lines is cut off where it is', () => {
    const source = Array.from({ length: 60 }, (_, depth) => `${'  '.repeat(depth)}- a${depth}`)
    expect(depthOf(parseMarkdown(source.join('\n')))).toBeLessThan(30)
    expect(plainText(source.join('\n'))).toContain('a59')
  })

  it('is one line without marks in a quote', () => {
    expect(plainText('**Hi** [@Ada](user:1)\n\n- one\n- `two`')).toBe('Hi @Ada one two')
  })
})

describe('attachments', () => {
  it('are pictures by their path, and cards for the rest, each once', () => {
    const hrefs = linksOf(
      parseMarkdown(
        'https://a.example/b%20c.PNG?x=1 https://a.example/b%20c.PNG?x=1 [p](https://c.example/d)',
      ),
    )
    expect(attachmentsOf(hrefs)).toEqual([
      {
        kind: 'image',
        href: 'https://a.example/b%20c.PNG?x=1',
        host: 'a.example',
        title: 'b c.PNG',
      },
      { kind: 'link', href: 'https://c.example/d', host: 'c.example', title: '/d' },
    ])
  })

  it('are not made of code and mail addresses', () => {
    const source = '`https://a.example/b.png` [m](mailto:a@b.example)'
    expect(attachmentsOf(linksOf(parseMarkdown(source)))).toEqual([])
  })

  it('are four at most', () => {
    const hrefs = Array.from({ length: 9 }, (_, index) => `https://a.example/${index}.png`)
    expect(attachmentsOf(hrefs)).toHaveLength(4)
  })

  it('survive an address that cannot be decoded', () => {
    expect(attachmentsOf(['https://a.example/%E0%A4%A.png'])).toMatchObject([
      { title: '%E0%A4%A.png' },
    ])
  })
})

describe('links', () => {
  it('keep brackets that they opened', () => {
    const wiki = 'https://en.example/wiki/Rush_(band)'
    expect(splitLinks(`(see ${wiki}).`)).toEqual([
      { text: '(see ' },
      { text: wiki, href: wiki },
      { text: ').' },
    ])
  })
})
