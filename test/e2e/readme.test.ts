import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { createServer } from 'vite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { serve } from '../parts/serve.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'
import { hasBrowser, launchBrowser } from './parts/browser.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The code that the README gives for a page of one's own. */
function exampleOf(url: string): string {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const section = readme.slice(readme.indexOf('## Use it from your code'))
  const code = /```ts\n(.*?)```/s.exec(section)?.[1] ?? ''
  expect(code).toContain('http://127.0.0.1:8080')
  return code.replace('http://127.0.0.1:8080', url)
}

/** Starts the development server of a project that has installed the package; gives its origin. */
async function develop(directory: string): Promise<string> {
  mkdirSync(join(directory, 'node_modules'))
  symlinkSync(root, join(directory, 'node_modules/rusher'))
  const page = '<!doctype html><title>Mine</title><script type="module" src="/main.ts"></script>'
  writeFileSync(join(directory, 'index.html'), page)
  const vite = await createServer({
    root: directory,
    configFile: false,
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0, fs: { strict: false } },
  })
  onTestFinished(() => vite.close())
  await vite.listen()
  const [local = ''] = vite.resolvedUrls?.local ?? []
  return new URL(local).origin
}

/** Opens the page in a window; gives what it logs. */
async function open(browser: Browser, url: string): Promise<readonly string[]> {
  const window = await browser.newPage()
  const logged: string[] = []
  window.on('console', (message) => void logged.push(message.text()))
  window.on('pageerror', (error) => void logged.push(String(error)))
  await window.goto(url)
  return logged
}

const shipped = (logged: readonly string[]): number =>
  logged.filter((line) => line.startsWith('Ann') && line.includes('order-shipped')).length

describe.skipIf(!hasBrowser())('the example of the README', () => {
  it('shows every message in both windows of a page on a server of its own', async () => {
    const directory = temporaryDirectory()
    const page = await develop(directory)
    const { url } = await serve({ directory, flags: ['--origin', page] })
    writeFileSync(join(directory, 'main.ts'), exampleOf(url))
    const browser = await launchBrowser()
    onTestFinished(() => browser.close())
    const first = await open(browser, page)
    await until('the first window has its own message', () => shipped(first) === 1)
    const second = await open(browser, page)
    await until('both have the message of the second', () => shipped(second) === 1)
    await until('the first has it too', () => shipped(first) === 2)
  })
})
