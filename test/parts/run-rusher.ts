import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../bin/rusher.js', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs a command of the command line in a folder until it ends. */
export async function runRusher(directory: string, words: readonly string[]): Promise<Ran> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('RUSHER_')),
  )
  const child = spawn(process.execPath, [program, ...words], {
    cwd: directory,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = { out: '', err: '' }
  child.stdout.on('data', (text: Buffer) => {
    texts.out += text.toString()
  })
  child.stderr.on('data', (text: Buffer) => {
    texts.err += text.toString()
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, ...texts }
}
