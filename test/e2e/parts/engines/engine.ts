/** The engines that the tests run in. */
export const engineNames = ['Chromium', 'Firefox', 'WebKit'] as const
export type EngineName = (typeof engineNames)[number]

/** A running browser. Input is real key presses and clicks. */
export interface Engine {
  readonly name: EngineName
  /** Opens a tab. All tabs of an engine share one profile; give each user another origin. */
  openTab(): Promise<Tab>
  /** Ends the browser with all its processes and removes its files. */
  close(): Promise<void>
}

/** A tab of a running browser. */
export interface Tab {
  /** Resolves when the page has loaded. */
  open(url: string): Promise<void>
  reload(): Promise<void>
  /** Evaluates an expression in the page, which must give a promise of a string. */
  run(expression: string): Promise<string>
  /** Types a text, key by key. */
  type(text: string): Promise<void>
  /** Presses a key or a combination: `Enter`, `Control+End`. */
  press(keys: string): Promise<void>
  /** Clicks at a position in the viewport, in CSS pixels. */
  click(x: number, y: number): Promise<void>
  close(): Promise<void>
}

/** JSON, which arguments are sent as. */
type Sent = string | number | boolean | null | readonly Sent[] | { readonly [name: string]: Sent }

/** Calls a function in the page. It can use only its arguments. Rejects with what it threw. */
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
