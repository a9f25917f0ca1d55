import { setTimeout as pause } from 'node:timers/promises'

type Method = 'GET' | 'POST' | 'DELETE'

/** A window of a session: commands to it run in it. */
export interface WebDriverWindow {
  /** Sends a command, such as `POST /url`. Rejects with the driver's error. */
  command(method: Method, path: string, body?: object): Promise<unknown>
}

/** A session of classic WebDriver: https://www.w3.org/TR/webdriver2/ */
export class WebDriverSession {
  readonly #url: string
  /** The first window of the browser. It stays open: WebDriver needs a current window. */
  readonly #first: string
  /** The last command. A session has one current window, so commands run one after another. */
  #last: Promise<unknown> = Promise.resolve()
  #current: string

  private constructor(url: string, first: string) {
    this.#url = url
    this.#first = first
    this.#current = first
  }

  /** Waits for the driver and starts a browser. */
  static async open(driver: string, capabilities: object): Promise<WebDriverSession> {
    await untilReady(driver)
    const asked = { capabilities: { alwaysMatch: capabilities } }
    const session = (await send('POST', `${driver}/session`, asked)) as { sessionId: string }
    const url = `${driver}/session/${session.sessionId}`
    return new WebDriverSession(url, (await send('GET', `${url}/window`)) as string)
  }

  async openWindow(): Promise<WebDriverWindow> {
    const made = await this.#in(this.#first, 'POST', '/window/new', { type: 'window' })
    const { handle } = made as { readonly handle: string }
    return { command: (method, path, body) => this.#in(handle, method, path, body) }
  }

  /** Ends the browser. */
  async end(): Promise<void> {
    await this.#inTurn(() => send('DELETE', this.#url))
  }

  /** Runs a command in a window after all earlier commands. */
  #in(handle: string, method: Method, path: string, body?: object): Promise<unknown> {
    return this.#inTurn(async () => {
      if (this.#current !== handle) {
        await send('POST', `${this.#url}/window`, { handle })
        this.#current = handle
      }
      return await send(method, this.#url + path, body)
    })
  }

  #inTurn<Result>(command: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(command)
    this.#last = result.catch(() => {})
    return result
  }
}

async function send(method: Method, url: string, body?: object): Promise<unknown> {
  const response = await fetch(url, {
    method,
    body: body === undefined ? null : JSON.stringify(body),
  })
  const { value } = (await response.json()) as { readonly value: unknown }
  if (!response.ok) throw new Error(`WebDriver: ${method} ${url}: ${JSON.stringify(value)}`)
  return value
}

async function untilReady(driver: string): Promise<void> {
  const deadlineMs = performance.now() + 30_000
  for (;;) {
    const answered = await fetch(`${driver}/status`).catch(() => undefined)
    if (answered?.ok === true) return
    if (performance.now() > deadlineMs) throw new Error(`no WebDriver answers at ${driver}`)
    await pause(20)
  }
}
