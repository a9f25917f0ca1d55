import { BiDiConnection } from './bidi-connection.ts'
import { BrowserProcess } from './browser-process.ts'
import type { Engine, Tab } from './engine.ts'
import { clicking, pressing, typing } from './web-driver-actions.ts'

/** Starts Firefox, which implements WebDriver BiDi: https://w3c.github.io/webdriver-bidi/ */
export async function launchFirefox(executable: string): Promise<Engine> {
  const browser = new BrowserProcess({
    command: executable,
    args: (folder) => [
      '--headless',
      '--no-remote',
      '--remote-debugging-port=0',
      '--profile',
      folder,
    ],
  })
  try {
    const address = await browser.output(/WebDriver BiDi listening on (ws:\S+)/)
    const connection = await BiDiConnection.open(`${address}/session`)
    await connection.call('session.new', { capabilities: {} })
    return {
      name: 'Firefox',
      openTab: () => openTab(connection),
      async close() {
        connection.close()
        await browser.end()
      },
    }
  } catch (error) {
    await browser.end()
    throw error
  }
}

async function openTab(connection: BiDiConnection): Promise<Tab> {
  // A new window: browsers throttle timers in hidden tabs.
  const { context } = await connection.call<{ readonly context: string }>(
    'browsingContext.create',
    { type: 'window' },
  )
  const viewport = { width: 1280, height: 800 }
  await connection.call('browsingContext.setViewport', { context, viewport })
  const perform = async (actions: readonly object[]) =>
    void (await connection.call('input.performActions', { context, actions }))
  return {
    async open(url) {
      await connection.call('browsingContext.navigate', { context, url, wait: 'complete' })
    },
    async reload() {
      await connection.call('browsingContext.reload', { context, wait: 'complete' })
    },
    run: (expression) => run(connection, context, expression),
    type: (text) => perform(typing(text)),
    press: (keys) => perform(pressing(keys)),
    click: (x, y) => perform(clicking(x, y)),
    close: async () => void (await connection.call('browsingContext.close', { context })),
  }
}

interface EvaluateResult {
  readonly type: 'success' | 'exception'
  readonly result?: { readonly value?: string }
  readonly exceptionDetails?: { readonly text: string }
}

async function run(
  connection: BiDiConnection,
  context: string,
  expression: string,
): Promise<string> {
  const { result, exceptionDetails } = await connection.call<EvaluateResult>('script.evaluate', {
    target: { context },
    expression,
    awaitPromise: true,
    userActivation: false,
  })
  if (result?.value === undefined) {
    throw new Error(exceptionDetails?.text ?? 'the expression gave no text')
  }
  return result.value
}
