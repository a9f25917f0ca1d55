import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

interface BrowserProcessOptions {
  readonly command: string
  /** `folder` is a temporary folder that is removed at the end. */
  readonly args: (folder: string) => readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

/** A program and its child processes, as one process group. It leaves no process and no file. */
export class BrowserProcess {
  readonly #child: ChildProcess
  readonly #folder = mkdtempSync(join(tmpdir(), 'rusher-engine-'))
  readonly #ended: Promise<void>
  readonly #killGroup = (): void => {
    if (this.#child.pid === undefined) return
    try {
      process.kill(-this.#child.pid, 'SIGKILL')
    } catch {
      // The group has ended.
    }
  }

  constructor({ command, args, environment }: BrowserProcessOptions) {
    const own = { HOME: this.#folder, XDG_RUNTIME_DIR: this.#folder, TMPDIR: this.#folder }
    this.#child = spawn(command, args(this.#folder), {
      detached: true,
      env: { ...process.env, ...own, ...environment },
      // Descriptor 3 is for programs that report on it, such as Xvfb.
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    })
    // A full pipe would stop the program.
    for (const stream of this.#outputs()) stream.resume()
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', () => resolve())
      this.#child.once('error', () => resolve())
    })
    process.once('exit', this.#killGroup)
  }

  /** Waits for a match in standard output, standard error or descriptor 3; gives its first group. */
  output(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = ''
      for (const stream of this.#outputs()) {
        stream.on('data', (part: Buffer) => {
          text += part.toString()
          const found = pattern.exec(text)?.[1]
          if (found !== undefined) resolve(found)
        })
      }
      this.#child.once('error', reject)
      this.#child.once('exit', (code, signal) =>
        reject(new Error(`${this.#child.spawnfile} ended with ${code ?? signal}: ${text}`)),
      )
    })
  }

  #outputs(): readonly Readable[] {
    return this.#child.stdio.slice(1) as readonly Readable[]
  }

  async end(): Promise<void> {
    this.#killGroup()
    await this.#ended
    process.off('exit', this.#killGroup)
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10 })
  }
}
