import { until } from '../../../parts/until.ts'
import { type Engine, evaluate, type Tab } from './engine.ts'

/** How long to wait for a page. Other tests may keep the machine busy. */
const withinMs = 30_000

/** A text field. */
interface Field {
  readonly selector: string
  /** How its label begins. */
  readonly label?: string
}

const inputs = 'input, textarea, [role="textbox"]'
const nameField: Field = { selector: inputs, label: 'Your name' }
const composer: Field = { selector: inputs, label: 'Message' }
const pageText: Field = { selector: '.prose[contenteditable="true"]' }

/** A user who has a template open in one of the engines. */
export class Visitor {
  readonly name: string
  readonly #tab: Tab

  private constructor(name: string, tab: Tab) {
    this.name = name
    this.#tab = tab
  }

  /** Opens a new tab and enters the name that the template asks a new guest for. */
  static async enter(engine: Engine, url: string, name: string): Promise<Visitor> {
    const tab = await engine.openTab()
    const visitor = new Visitor(`${name} in ${engine.name}`, tab)
    await tab.open(url)
    await evaluate(tab, collectFaults)
    await visitor.#clickInto(nameField)
    await tab.type(name)
    await tab.press('Enter')
    await visitor.#waitFor('to have entered', () => visitor.#place(composer))
    return visitor
  }

  /** Sends a chat message. */
  async say(text: string): Promise<void> {
    await this.#clickInto(composer)
    await this.#tab.type(text)
    await this.#tab.press('Enter')
  }

  /** Types at the end of the page. */
  async write(text: string): Promise<void> {
    await this.#clickInto(pageText)
    await this.#tab.press('Control+End')
    await this.#tab.type(text)
  }

  /**
   * Waits until the matches of `pattern` in the chat are exactly these words, in this order.
   */
  async seesInChat(pattern: RegExp, words: readonly string[]): Promise<void> {
    await this.#sees(words, pattern, '[aria-label^="Messages"]')
  }

  /** As `seesInChat`, for the text of the page. */
  async seesInPage(pattern: RegExp, words: readonly string[]): Promise<void> {
    await this.#sees(words, pattern, '.prose')
  }

  /** The matches of `pattern` in the text of the page at this moment. */
  async wordsInPage(pattern: RegExp): Promise<readonly string[]> {
    return wordsOf(await evaluate(this.#tab, readText, '.prose'), pattern)
  }

  /** Waits until a status line matches. */
  async seesStatus(words: RegExp): Promise<void> {
    await this.#waitFor(`to see the status ${words}`, async () =>
      words.test(await evaluate(this.#tab, readText, '[role="status"], .status')),
    )
  }

  /** Errors, unhandled rejections and violations of the content security policy so far. */
  faults(): Promise<readonly string[]> {
    return evaluate(this.#tab, () => globalThis.faults)
  }

  leave(): Promise<void> {
    return this.#tab.close()
  }

  async #sees(words: readonly string[], pattern: RegExp, selector: string): Promise<void> {
    let seen: readonly string[] = []
    const sees = async () => {
      seen = wordsOf(await evaluate(this.#tab, readText, selector), pattern)
      return seen.join() === words.join()
    }
    await this.#waitFor(`to see ${words.join(', ')}`, sees).catch((error: Error) => {
      throw new Error(`${error.message}; seen: ${seen.join(', ')}`)
    })
  }

  /** Clicks until the field has the focus: before it is ready, it does not accept it. */
  async #clickInto(field: Field): Promise<void> {
    await this.#waitFor(`to type into ${field.label ?? field.selector}`, async () => {
      const place = await this.#place(field)
      if (place === undefined) return false
      await this.#tab.click(place.x, place.y)
      return (await this.#place(field))?.isFocused
    })
  }

  #place({ selector, label = '' }: Field): Promise<Place | undefined> {
    return evaluate(this.#tab, placeOf, selector, label)
  }

  #waitFor(what: string, holds: () => Promise<unknown>): Promise<void> {
    return until(`${this.name} ${what}`, async () => Boolean(await holds()), withinMs)
  }
}

declare global {
  /** Set in the page by `collectFaults`. */
  var faults: string[]
}

interface Place {
  readonly x: number
  readonly y: number
  readonly isFocused: boolean
}

function wordsOf(text: string, pattern: RegExp): readonly string[] {
  return text.match(new RegExp(pattern, 'g')) ?? []
}

// The functions below run in the page. They can use only their arguments.

function collectFaults(): void {
  const faults: string[] = []
  globalThis.faults = faults
  addEventListener('error', ({ message }) => faults.push(`error: ${message}`))
  addEventListener('unhandledrejection', ({ reason }) => faults.push(`rejection: ${reason}`))
  addEventListener('securitypolicyviolation', (event) => {
    faults.push(`policy: ${event.violatedDirective} ${event.blockedURI}`)
  })
}

/** The text of all elements that match, without text that is only for screen readers. */
function readText(selector: string): string {
  const isShown = (node: Node) =>
    selector.includes('status') || !node.parentElement?.closest('[aria-live]')
  return [...document.querySelectorAll(selector)]
    .map((element) => {
      const nodes = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
      const parts: string[] = []
      for (let node = nodes.nextNode(); node !== null; node = nodes.nextNode()) {
        if (isShown(node)) parts.push(node.nodeValue ?? '')
      }
      return parts.join('')
    })
    .join('\n')
}

/** Finds the first match with this label. Undefined when there is none or it is covered. */
function placeOf(selector: string, label: string): Place | undefined {
  const labelOf = (element: Element) =>
    element.getAttribute('aria-label') ??
    (element as HTMLInputElement).labels?.[0]?.textContent ??
    ''
  const element = [...document.querySelectorAll(selector)].find((candidate) =>
    labelOf(candidate).startsWith(label),
  )
  if (element === undefined) return undefined
  element.scrollIntoView({ block: 'nearest' })
  const { left, top, width, height } = element.getBoundingClientRect()
  const x = left + Math.min(width / 2, 40)
  const y = top + Math.min(height / 2, 20)
  const hit = document.elementFromPoint(x, y)
  if (hit === null || !element.contains(hit)) return undefined
  return { x, y, isFocused: element === document.activeElement }
}
