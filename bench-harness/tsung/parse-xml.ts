import { SaxesParser } from 'saxes'

/** An element, with where its tag begins. */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  /** All text directly in it, in order, comments left out. */
  readonly text: string
  /** From 1. */
  readonly line: number
}

/** Why a text is no XML, or none that is taken. */
export interface XmlMistake {
  readonly line: number
  readonly message: string
}

/** Largest document, in characters, and deepest nesting: what a person or a generator writes is far below. */
const charsMax = 16 * 1024 * 1024
const depthMax = 200

interface Open {
  readonly name: string
  attributes: Record<string, string>
  readonly children: XmlElement[]
  text: string
  readonly line: number
}

/**
 * Reads a whole XML document. A DOCTYPE is passed over: nothing it names is opened, and no entity that it declares is known, so that none can
 * grow; the five of XML itself and numbers are read. The first mistake ends it.
 */
export function parseXml(
  text: string,
): { readonly root: XmlElement } | { readonly mistake: XmlMistake } {
  if (text.length > charsMax)
    return { mistake: { line: 1, message: `this is longer than ${charsMax} characters` } }
  const parser = new SaxesParser({ xmlns: false, position: true })
  const open: Open[] = []
  let root: XmlElement | undefined
  let mistake: XmlMistake | undefined
  const wrong = (message: string): void => {
    mistake ??= { line: parser.line, message }
  }

  parser.on('error', (error) => wrong(inOurWords(error.message)))
  parser.on('opentagstart', ({ name }) => {
    // A name that ends its line is known to be whole only on the next.
    const line = parser.columnIndex === 0 ? parser.line - 1 : parser.line
    open.push({ name, attributes: {}, children: [], text: '', line })
    if (open.length > depthMax) wrong(`elements are nested more than ${depthMax} deep`)
  })
  parser.on('opentag', ({ attributes }) => {
    const element = open.at(-1)
    if (element !== undefined) element.attributes = { ...attributes }
  })
  const add = (more: string): void => {
    const element = open.at(-1)
    if (element !== undefined) element.text += more
  }
  parser.on('text', add)
  parser.on('cdata', add)
  parser.on('closetag', () => {
    const element = open.pop()
    if (element === undefined) return
    const parent = open.at(-1)
    if (parent === undefined) root = element
    else parent.children.push(element)
  })

  // In parts, so that one mistake early on does not let the rest of a large document be read.
  for (let at = 0; at < text.length && mistake === undefined; at += 65_536)
    parser.write(text.slice(at, at + 65_536))
  if (mistake === undefined) parser.close()
  if (mistake !== undefined) return { mistake }
  return root === undefined
    ? { mistake: { line: 1, message: 'there is no element in it' } }
    : { root }
}

function inOurWords(message: string): string {
  const words = message.replace(/^\d+:\d+: /, '').replace(/\.$/, '')
  return /undefined entity/i.test(words)
    ? 'an entity is used that XML itself does not know; put the text it stands for in its place: only this one file is read'
    : words
}
