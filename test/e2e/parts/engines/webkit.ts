import { BrowserProcess } from './browser-process.ts'
import type { Engine, Tab } from './engine.ts'
import { freePort } from './free-port.ts'
import { clicking, pressing, typing } from './web-driver-actions.ts'
import { WebDriverSession } from './web-driver-session.ts'

export interface WebKitPrograms {
  readonly driver: string
  readonly browser: string
  readonly display: string
}

/** Starts WebKitGTK's MiniBrowser on a virtual display, controlled over WebDriver. */
export async function launchWebKit(programs: WebKitPrograms): Promise<Engine> {
  const display = new BrowserProcess({
    command: programs.display,
    args: () => ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'],
  })
  const started = [display]
  const end = async () => {
    for (const process of started.toReversed()) await process.end()
  }
  try {
    const number = await display.output(/(\d+)\n/)
    const port = await freePort()
    const driver = new BrowserProcess({
      command: programs.driver,
      args: () => [`--port=${port}`],
      environment: { DISPLAY: `:${number}`, GDK_BACKEND: 'x11' },
    })
    started.push(driver)
    const session = await WebDriverSession.open(`http://127.0.0.1:${port}`, {
      'webkitgtk:browserOptions': { binary: programs.browser, args: ['--automation'] },
    })
    return {
      name: 'WebKit',
      openTab: () => openTab(session),
      async close() {
        await session.end()
        await end()
      },
    }
  } catch (error) {
    await end()
    throw error
  }
}

async function openTab(session: WebDriverSession): Promise<Tab> {
  const window = await session.openWindow()
  await window.command('POST', '/window/rect', { x: 0, y: 0, width: 1280, height: 800 })
  const perform = async (actions: readonly object[]) =>
    void (await window.command('POST', '/actions', { actions }))
  return {
    open: async (url) => void (await window.command('POST', '/url', { url })),
    reload: async () => void (await window.command('POST', '/refresh', {})),
    async run(expression) {
      const script = `const done = arguments[0]; (${expression}).then(done)`
      return (await window.command('POST', '/execute/async', { script, args: [] })) as string
    },
    type: (text) => perform(typing(text)),
    press: (keys) => perform(pressing(keys)),
    click: (x, y) => perform(clicking(x, y)),
    close: async () => void (await window.command('DELETE', '/window')),
  }
}
