import { execFile } from 'node:child_process'
import { RusherError } from '../../src/protocol/index.ts'
import { listeningPorts } from '../server-side/proc-texts.ts'
import { remoteShell } from '../server-side/ssh-script.ts'
import type { Settings } from './settings.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a script of sh on a machine. */
export type RunShell = (script: string) => Promise<Ran>

const timeoutMs = 20_000
const nameShape = /^[a-z0-9_]+(?:\.[a-z0-9_-]+)+$/
const valueShape = /^[\d\t ,-]*$/

/** Settings through a shell, as root or through `sudo -n`, which asks for no password. */
export function createShellSettings(run: RunShell): Settings {
  return {
    async read(name) {
      const { code, stdout } = await run(`cat ${pathOf(name)} 2>/dev/null`)
      return code === 0 ? stdout.replace(/\n$/, '') : undefined
    },
    async write(name, value) {
      if (!valueShape.test(value)) throw new Error(`"${value}" is no value of a setting`)
      const { code, stderr } = await run(
        `as=; [ "$(id -u)" = 0 ] || as="sudo -n"; printf '%s\\n' '${value}' | $as tee ${pathOf(name)} >/dev/null`,
      )
      if (code !== 0)
        throw new RusherError(
          'SETTING_REFUSED',
          `${name} could not be set: ${lastLineOf(stderr) || `sh ended with ${code}`}`,
        )
    },
    async listening() {
      const { stdout } = await run('cat /proc/net/tcp /proc/net/tcp6 2>/dev/null')
      return [...new Set(listeningPorts(stdout))].sort((a, b) => a - b)
    },
  }
}

/** Runs scripts on this machine. */
export const runHere: RunShell = (script) => runFile('sh', ['-c', script])

/** Runs scripts over ssh; `words` are those behind `ssh` up to the destination, the destination included. */
export function runOverSsh(words: readonly string[]): RunShell {
  return (script) => runFile('ssh', [...words, remoteShell(script)])
}

/** Runs scripts inside another command that takes `sh -c <script>` as its last words, such as `ip netns exec name`. */
export function runInside(file: string, words: readonly string[]): RunShell {
  return (script) => runFile(file, [...words, 'sh', '-c', script])
}

function pathOf(name: string): string {
  if (!nameShape.test(name)) throw new Error(`"${name}" is no name of a setting`)
  return `/proc/sys/${name.replaceAll('.', '/')}`
}

function runFile(file: string, words: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(file, words, { timeout: timeoutMs }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      const why = stderr === '' && error !== null ? error.message : stderr
      resolve({ code, stdout, stderr: why })
    })
  })
}

function lastLineOf(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
