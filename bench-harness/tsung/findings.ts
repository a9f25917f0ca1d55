import type { XmlElement } from './parse-xml.ts'

/** Something about a configuration, at a line of it, from 1. */
export interface Finding {
  readonly line: number
  readonly message: string
}

/** What is found while a configuration is read, in any order. */
export interface Findings {
  readonly mistakes: readonly Finding[]
  readonly notes: readonly Finding[]
  mistake(element: XmlElement, message: string): void
  /** Something that is not carried over. */
  note(element: XmlElement, message: string): void
}

export function createFindings(): Findings {
  const mistakes: Finding[] = []
  const notes: Finding[] = []
  return {
    mistakes,
    notes,
    mistake: ({ line }, message) => mistakes.push({ line, message }),
    note: ({ line }, message) => notes.push({ line, message }),
  }
}

/** Attributes of one element, read one by one; what is wrong with them is a mistake. */
export interface Attributes {
  text(name: string): string | undefined
  /** One of a few words. */
  word<const Word extends string>(name: string, words: readonly Word[]): Word | undefined
  /** A number of at least `least`. */
  number(name: string, least?: number): number | undefined
  whole(name: string, least?: number): number | undefined
  /** Notes every attribute that was not asked for. Called last. */
  rest(harmless?: readonly string[]): void
}

export function attributesOf(element: XmlElement, findings: Findings): Attributes {
  const asked = new Set<string>()
  const text = (name: string): string | undefined => {
    asked.add(name)
    return Object.hasOwn(element.attributes, name) ? element.attributes[name] : undefined
  }
  function read(name: string, least: number, kind: 'number' | 'whole'): number | undefined {
    const given = text(name)
    if (given === undefined) return undefined
    const number = Number(given)
    const shape =
      kind === 'whole' ? /^[+-]?\d{1,15}$/ : /^[+-]?(?:\d{1,15}(?:\.\d{1,15})?|\.\d{1,15})$/
    if (shape.test(given.trim()) && number >= least) return number
    const kinds = kind === 'whole' ? 'a whole number' : 'a number'
    const bound = least === Number.NEGATIVE_INFINITY ? '' : ` from ${least}`
    findings.mistake(element, `${name}="${given}" of <${element.name}> must be ${kinds}${bound}`)
    return undefined
  }
  return {
    text,
    word<const Word extends string>(name: string, words: readonly Word[]): Word | undefined {
      const given = text(name)
      if (given === undefined) return undefined
      const found = words.find((word) => word === given)
      if (found === undefined)
        findings.mistake(
          element,
          `${name}="${given}" of <${element.name}> must be one of ${words.join(', ')}`,
        )
      return found
    },
    number: (name, least = Number.NEGATIVE_INFINITY) => read(name, least, 'number'),
    whole: (name, least = Number.NEGATIVE_INFINITY) => read(name, least, 'whole'),
    rest(harmless = []) {
      for (const name of Object.keys(element.attributes))
        if (!asked.has(name) && !harmless.includes(name))
          findings.note(element, `${name} of <${element.name}> is not carried over`)
    },
  }
}

/** Children by name; what is not among `known` is noted. */
export function childrenOf(
  element: XmlElement,
  known: readonly string[],
  findings: Findings,
): readonly XmlElement[] {
  for (const child of element.children)
    if (!known.includes(child.name))
      findings.note(child, `<${child.name}> in <${element.name}> is not carried over`)
  return element.children.filter(({ name }) => known.includes(name))
}
