import { describe, expect, test } from 'vitest'
import { checkMarkdownShape, markdownNestingMax } from './markdown-shape.ts'
import { readMarkdown } from './read-markdown.ts'

const mebibyte = 2 ** 20
const filled = (part: string, length = mebibyte): string =>
  part.repeat(Math.ceil(length / part.length))
const nestedList = (levels: number): string =>
  Array.from({ length: levels }, (_, level) => `${' '.repeat(2 * level)}- a`).join('\n')

describe('Markdown that is nested too deep is refused before it is parsed:', () => {
  const deep: Readonly<Record<string, string>> = {
    'quotes in one line': '> '.repeat(5_000),
    'quotes without spaces': `${'>'.repeat(65)}a`,
    'lists in one line': '+ '.repeat(65),
    'numbered lists in one line': '1. '.repeat(65),
    'quotes and lists in turn': '> - '.repeat(33),
    '200 lists, each in the one before': nestedList(200),
    '500 lists, each in the one before': nestedList(500),
    'lists that are indented by tabs': Array.from(
      { length: 70 },
      (_, level) => `${'\t'.repeat(level)}- a`,
    ).join('\n'),
  }
  test.each(Object.entries(deep))('%s', (_, source) => {
    expect(() => readMarkdown(source, 'inline')).toThrow(
      `the Markdown is nested deeper than ${markdownNestingMax} levels`,
    )
  })

  test('emphasis within emphasis, which only the parser can tell, is refused by the tree', () => {
    const source = `${'*'.repeat(800)}a${'*'.repeat(800)}`
    expect(() => readMarkdown(source, 'inline')).toThrow('nested deeper')
  })
})

describe('What only looks nested is Markdown like any other:', () => {
  const flat: Readonly<Record<string, string>> = {
    'a rule of many dashes': '- '.repeat(5_000),
    'a long list': filled('- a\n', 10_000),
    'an item far to the right after nothing': `${' '.repeat(400)}- a`,
    'code with deep indentation': `\`\`\`\n${' '.repeat(400)}- a\n\`\`\``,
    'many lists one after another': filled('- a\n  - b\n\ntext\n\n', 10_000),
  }
  test.each(Object.entries(flat))('%s', (_, source) => {
    expect(readMarkdown(source, 'inline').length).toBeGreaterThan(0)
  })

  test('60 lists, each in the one before, are read', () => {
    expect(
      JSON.stringify(readMarkdown(nestedList(60), 'inline')).match(/bulletList/g),
    ).toHaveLength(60)
  })
})

describe('A mebibyte that would take the parser quadratic time is refused before it:', () => {
  const hostile: Readonly<Record<string, string>> = {
    'emphasis that is never closed': filled('*a **b '),
    'emphasis that opens and closes': filled('a**b*'),
    'emphasis of both characters': filled('*a_ '),
    'struck text': filled('a~'),
    'a run of stars on both sides': `${filled('*')}a${filled('*')}`,
    'brackets that are never closed': filled('['),
    'brackets that are all closed': `${filled('[')}${filled(']')}`,
    'images that are never closed': filled('!['),
    'links without an end': filled('[a]('),
    'links with an open address': filled('[a](<b'),
    'references side by side': filled('[a][b]'),
    'a title that is never closed': filled('[a](b "c'),
    'code of ever more backticks': Array.from({ length: 1_400 }, (_, n) => '`'.repeat(n)).join(' '),
    'lines that go on with 60 quotes': `${'> '.repeat(60)}a\n${filled('a\n')}`,
    'lines that go on with a quote': `> a\n${filled('b\n')}`,
  }
  test.each(Object.entries(hostile))('%s', (_, source) => {
    expect(() => checkMarkdownShape(source)).toThrow(/too many of the characters/)
  })

  test('a table whose short rows stand for a thousand columns each', () => {
    const source = `${'|a'.repeat(1_000)}|\n${'|-'.repeat(1_000)}|\n${'|\n'.repeat(60)}`
    expect(() => readMarkdown(source, 'inline')).toThrow('the tables have more than')
  })
})

describe('A mebibyte of what the parser takes linear time for is let through to it:', () => {
  const harmless: Readonly<Record<string, string>> = {
    words: filled('word '),
    lines: filled('a line\n'),
    paragraphs: filled('a paragraph\n\n'),
    'one run of spaces': filled(' '),
    backslashes: filled('\\'),
    entities: filled('&amp;'),
    'open tags': filled('<a '),
    comments: filled('<!--'),
    'addresses of mail': filled('a@b.c\n'),
    'web addresses': filled('http://a.b '),
    'closing brackets after a web address': `http://a.b${filled(')')}`,
    headings: filled('# a\n'),
    rules: filled('---\n'),
    fences: filled('~~~\n'),
    'quoted lines': filled('> a\n'),
    'items with a link each': filled('- [a](b) **c**\n'),
    'definitions of links': filled('[a]: b\n\n'),
    'one row of many columns': `${filled('a|')}\n${filled('-|')}`,
    'rows with bold text': `|a|b|\n|-|-|\n${filled('|**a**|b|\n')}`,
  }
  test.each(Object.entries(harmless))('%s', (_, source) => {
    expect(() => checkMarkdownShape(source)).not.toThrow()
    // The whole takes the parser some seconds; a piece shows that it comes through.
    expect(readMarkdown(source.slice(0, 4_096), 'inline')).toBeInstanceOf(Array)
  })
})
