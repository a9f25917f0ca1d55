/** The engines that the tests run in. */
export const engineNames = ['Chromium', 'Firefox', 'WebKit'] as const
export type EngineName = (typeof engineNames)[number]

/** A running browser. Everything is driven from outside, as WebDriver does: by real keys and clicks. */
export interface Engine {
  readonly name: EngineName
  /** Opens a tab. All tabs of one engine share its storage; origins keep users apart. */
  openTab(): Promise<Tab>
  /** Ends the browser and all of its processes, and removes its files. */
  close(): Promise<void>
}

/** A tab of a running browser. */
export interface Tab {
  /** Resolves when the page and all that it links to are loaded. */
  open(url: string): Promise<void>
  reload(): Promise<void>
  /** Runs an expression in the page. It gives a promise of text, which this resolves to. */
  run(expression: string): Promise<string>
  /** Presses the keys of a text. */
  type(text: string): Promise<void>
  /** Presses a key, or several at once: `Enter`, `Control+End`. */
  press(keys: string): Promise<void>
  /** Clicks at a place in the visible part of the page, in CSS pixels. */
  click(x: number, y: number): Promise<void>
  close(): Promise<void>
}

/** What the page is given and gives back: JSON. */
type Sent = string | number | boolean | null | readonly Sent[] | { readonly [name: string]: Sent }

/** Runs a function in the page, which sees nothing but its arguments. Rejects with what it threw. */
export async function evaluate<Args extends readonly Sent[], Result>(
  tab: Tab,
  call: (...args: Args) => Result | Promise<Result>,
  ...args: Args
): Promise<Result> {
  const given = args.map((arg) => JSON.stringify(arg)).join()
  const text = await tab.run(`(async () => {
    try {
      return JSON.stringify({ value: await (${call})(${given}) })
    } catch (error) {
      return JSON.stringify({ error: String(error) + ' ' + error?.stack })
    }
  })()`)
  const result = JSON.parse(text) as { readonly value: Result; readonly error?: string }
  if (result.error !== undefined) throw new Error(`in the page: ${result.error}`)
  return result.value
}
