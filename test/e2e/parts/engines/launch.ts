import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { hasBrowser } from '../browser.ts'
import { launchChromium } from './chromium.ts'
import type { Engine, EngineName } from './engine.ts'
import { launchFirefox } from './firefox.ts'
import { launchWebKit, type WebKitPrograms } from './webkit.ts'

/** Whether all three engines are installed. Throws when one is missing and CI=true. */
export function hasEngines(): boolean {
  if (!hasBrowser()) return false
  const missing = [
    ...(firefox() === undefined ? ['firefox-esr'] : []),
    ...(webKit() === undefined ? ['webkit2gtk-driver', 'xvfb'] : []),
  ]
  if (missing.length === 0) return true
  const advice = `a browser is missing: apt-get install ${missing.join(' ')}`
  if (process.env['CI'] === 'true') throw new Error(advice)
  console.warn(`The tests in three engines are skipped: ${advice}`)
  return false
}

/** Starts all three in parallel. */
export async function launchEngines(): Promise<ReadonlyMap<EngineName, Engine>> {
  const fox = firefox()
  const kit = webKit()
  if (fox === undefined || kit === undefined) throw new Error('a browser is missing')
  const launched = await Promise.allSettled([
    launchChromium(),
    launchFirefox(fox),
    launchWebKit(kit),
  ])
  const engines = launched.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failed = launched.find((one) => one.status === 'rejected')
  if (failed !== undefined) {
    await Promise.all(engines.map((engine) => engine.close()))
    throw failed.reason
  }
  return new Map(engines.map((engine) => [engine.name, engine]))
}

function firefox(): string | undefined {
  return programOf('firefox-esr') ?? programOf('firefox')
}

function webKit(): WebKitPrograms | undefined {
  const driver = programOf('WebKitWebDriver')
  const display = programOf('Xvfb')
  const browser = miniBrowser()
  if (driver === undefined || display === undefined || browser === undefined) return undefined
  return { driver, display, browser }
}

function programOf(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** Finds `/usr/lib/<architecture>/webkit2gtk-<version>/MiniBrowser`; it is not on the PATH. */
function miniBrowser(): string | undefined {
  const entries = (folder: string) => (existsSync(folder) ? readdirSync(folder) : [])
  return entries('/usr/lib')
    .map((machine) => join('/usr/lib', machine))
    .filter((folder) => /-linux-/.test(folder))
    .flatMap((folder) =>
      entries(folder)
        .filter((name) => /^webkit2?gtk-/.test(name))
        .map((name) => join(folder, name, 'MiniBrowser')),
    )
    .find((path) => existsSync(path))
}
