import { describe, expect, it } from 'vitest'
import {
  type ComparedNode,
  comparePages,
  countChanges,
} from '../../templates/workspace/src/page/compare/compare-pages.ts'
import type { PageNode } from '../../templates/workspace/src/page/copy/read-page.ts'

const text = (words: string, ...marks: readonly string[]): PageNode => ({
  type: 'text',
  text: words,
  ...(marks.length > 0 ? { marks: marks.map((type) => ({ type })) } : {}),
})
const node = (type: string, ...content: readonly PageNode[]): PageNode => ({ type, content })
const paragraph = (words: string) => node('paragraph', text(words))
const page = (...content: readonly PageNode[]) => node('doc', ...content)

/** What was compared as one line: `[-removed-]`, `[+added+]`, blocks apart by a bar. */
function told({ change, text: words, type, content = [] }: ComparedNode): string {
  const inner = words ?? content.map(told).join(content[0]?.text === undefined ? ' | ' : '')
  const shown = inner === '' ? `<${type}>` : inner
  if (change === undefined) return shown
  return change === 'added' ? `[+${shown}+]` : `[-${shown}-]`
}

const compare = (before: PageNode, after: PageNode) => told(comparePages(before, after))

describe('two versions of a page', () => {
  it('that are the same have no changes', () => {
    const same = page(paragraph('a b'), node('bulletList', node('listItem', paragraph('c'))))
    expect(compare(same, same)).toBe('a b | c')
    expect(countChanges(comparePages(same, same))).toEqual({ added: 0, removed: 0 })
  })

  it.each([
    ['one two three', 'one 2 three', 'one [-two-][+2+] three'],
    ['one', 'one two', 'one[+ two+]'],
    ['one two', 'one', 'one[- two-]'],
    ['我们明天去公园', '我们后天去公园', '我们[-明天-][+后天+]去公园'],
  ])('differ by words: %j and %j', (before, after, wanted) => {
    expect(compare(page(paragraph(before)), page(paragraph(after)))).toBe(wanted)
  })

  it('find a paragraph again that was changed, with others put before it', () => {
    const before = page(paragraph('Bring some cake.'), paragraph('End.'))
    const after = page(paragraph('New here.'), paragraph('Bring much cake.'), paragraph('End.'))
    expect(compare(before, after)).toBe('[+New here.+] | Bring [-some-][+much+] cake. | End.')
  })

  it('show a paragraph that has nothing in common as removed, and the other as added', () => {
    expect(compare(page(paragraph('abc def')), page(paragraph('uvw xyz, and more')))).toBe(
      '[-abc def-] | [+uvw xyz, and more+]',
    )
  })

  it('are compared within lists and tables', () => {
    const item = (words: string) => node('listItem', paragraph(words))
    const list = (...items: readonly string[]) => page(node('bulletList', ...items.map(item)))
    expect(compare(list('one', 'two'), list('one', 'new', 'two'))).toBe('one | [+new+] | two')
    const row = (...cells: readonly string[]) =>
      node('tableRow', ...cells.map((cell) => node('tableCell', paragraph(cell))))
    const before = page(node('table', row('a', 'b'), row('c', 'd')))
    const after = page(node('table', row('a', 'b'), row('c', 'e')))
    expect(compare(before, after)).toBe('a | b | c | [-d-] | [+e+]')
  })

  it('show a change of the form, and what holds no text', () => {
    const before = page(node('paragraph', text('so bold')))
    const after = page(node('paragraph', text('so '), text('bold', 'bold')), {
      type: 'horizontalRule',
    })
    expect(compare(before, after)).toBe('so [-bold-][+bold+] | [+<horizontalRule>+]')
  })

  it('show everything as added in the first version', () => {
    expect(compare({ type: 'doc' }, page(paragraph('a'), paragraph('b')))).toBe('[+a+] | [+b+]')
  })

  it('that are large and different are compared with bounded work', () => {
    const many = (word: string) =>
      page(
        ...Array.from({ length: 3_000 }, (_, index) =>
          paragraph(`${word} ${index} ${word}${index}`),
        ),
        paragraph(`${word} `.repeat(50_000)),
      )
    const deep = (word: string) => {
      let inner = paragraph(word)
      for (let level = 0; level < 150; level += 1) inner = node('blockquote', inner)
      return page(inner)
    }
    expect(countChanges(comparePages(many('a'), many('b'))).added).toBeGreaterThan(0)
    expect(compare(deep('a'), deep('b'))).toContain('[+b+]')
  })
})
