import { describe, expect, it } from 'vitest'
import { parseXml } from './parse-xml.ts'

function rootOf(text: string) {
  const parsed = parseXml(text)
  if ('mistake' in parsed) throw new Error(parsed.mistake.message)
  return parsed.root
}

function mistakeOf(text: string) {
  const parsed = parseXml(text)
  return 'mistake' in parsed ? parsed.mistake : undefined
}

describe('an XML document', () => {
  it('is read with the line of every element, also where a tag spans lines', () => {
    const root = rootOf('<?xml version="1.0"?>\r\n<a\n x="1"\n>\n<b/><c\ty="2">t</c></a>')
    expect(root).toMatchObject({ name: 'a', line: 2, attributes: { x: '1' } })
    expect(root.children.map(({ name, line }) => [name, line])).toEqual([
      ['b', 5],
      ['c', 5],
    ])
  })

  it('has text, references and CDATA in order, and no comments', () => {
    expect(rootOf('<a>1&lt;2<!-- no --><![CDATA[<3>]]>&#x34;&amp;</a>').text).toBe('1<2<3>4&')
  })

  it.each([
    ['an end that is missing', '<a>\n<b>\n</a>', 3],
    ['nothing at all', '', 1],
    ['a second root', '<a/>\n<b/>', 2],
    ['an attribute without quotes', '<a\n b=1/>', 2],
    ['an attribute twice', '<a b="1"\nb="2"/>', 2],
    ['a character that XML forbids', '<a>\u0001</a>', 1],
  ])('with %s is refused with its line', (_, text, line) => {
    expect(mistakeOf(text)?.line).toBe(line)
  })
})

describe('entities and DTDs', () => {
  it('are passed over when they are only declared', () => {
    const doctype =
      '<!DOCTYPE a SYSTEM "/etc/passwd" [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p; <!ENTITY b "c">]>'
    expect(rootOf(`${doctype}<a/>`)).toMatchObject({ name: 'a', children: [], text: '' })
  })

  it('that would grow without end are refused where they are used', () => {
    const lines = Array.from(
      { length: 20 },
      (_, no) => `<!ENTITY e${no + 1} "${`&e${no};`.repeat(10)}">`,
    )
    const bomb = `<!DOCTYPE a [<!ENTITY e0 "ha">${lines.join('')}]>\n<a>\n&e20;</a>`
    expect(mistakeOf(bomb)).toMatchObject({ line: 3, message: expect.stringContaining('entity') })
  })

  it('that name a file are refused where they are used', () => {
    const text = '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]>\n<a b="&f;"/>'
    expect(mistakeOf(text)).toMatchObject({ line: 2, message: expect.stringContaining('entity') })
  })
})

describe('a document that is too much', () => {
  it('is refused when it is nested too deep', () => {
    expect(mistakeOf('<a>'.repeat(100_000))?.message).toContain('deep')
  })

  it('is refused when it is too long', () => {
    expect(mistakeOf(' '.repeat(16 * 1024 * 1024 + 1))?.message).toContain('longer')
  })
})
