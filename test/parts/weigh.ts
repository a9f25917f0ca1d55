import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from './until.ts'

/** What a server's processes import to be weighed. */
export const weighable = new URL('weigh-on-signal.ts', import.meta.url).href

/** Tells what JavaScript holds in a process, in bytes, after its garbage was collected. */
export type Scale = () => Promise<number>

/** The scale of a process that imported `weighable` and whose working folder is `directory`. */
export function createScale(pid: number, directory: string): Scale {
  const path = join(directory, `weight-${pid}.json`)
  let asked = 0

  function read(): { readonly no: number; readonly bytes: number } | undefined {
    try {
      return JSON.parse(readFileSync(path, 'utf8'))
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw error
    }
  }

  return async () => {
    asked += 1
    process.kill(pid, 'SIGUSR2')
    await until(`process ${pid} tells what it holds`, () => read()?.no === asked)
    return read()?.bytes ?? 0
  }
}
