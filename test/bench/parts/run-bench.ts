import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Result, Second } from '../../../bench-harness/bundle/bundle.ts'
import type { Percentiles } from '../../../bench-harness/histogram/histogram.ts'
import { isAlive } from '../../parts/processes.ts'
import type { AtEnd } from '../../parts/serve.ts'
import { temporaryDirectory } from '../../parts/temporary-directory.ts'
import { until } from '../../parts/until.ts'

const program = fileURLToPath(new URL('../../../bin/rusher.js', import.meta.url))

/** A second as `--json` prints it. */
export type SecondLine = Omit<Second, 'histograms'> & {
  readonly event: 'second'
  readonly latency: Readonly<Partial<Record<keyof Second['histograms'], Percentiles>>>
}

export type BenchLine =
  | SecondLine
  | { readonly event: 'host'; readonly name: string; readonly state: string }
  | { readonly event: 'event'; readonly ms: number; readonly kind: string; readonly text: string }
  | Result

/** `rusher bench --json` as a child process, in an empty folder of its own. */
export interface RunningBench {
  /** Of what was started: a command around the program is replaced by it. */
  readonly pid: number
  readonly folder: string
  /** All that were printed so far. */
  readonly lines: readonly BenchLine[]
  readonly seconds: readonly SecondLine[]
  readonly result: Result | undefined
  readonly stderr: string
  readonly ended: Promise<{ readonly exitCode: number | null }>
  signal(name: NodeJS.Signals): void
  /** Nobody reads what it prints any more: its next write fails. */
  closeOutput(): void
  /** Waits until a phase has begun. */
  untilPhase(phase: string): Promise<void>
  /** Waits for its end, and gives the exit code. */
  exitCode(): Promise<number | null>
  /** The last line. Throws, with what was said on standard error, when it is no result. */
  untilResult(): Promise<Result>
}

export interface BenchOptions {
  /** Words before the program: `ip netns exec <name>`, or a shell that sets a limit and becomes the program. */
  readonly within?: readonly string[]
  /** Of the test; given by tests that run side by side. */
  readonly atEnd?: AtEnd
}

/** Starts it; what is left of it when the test has finished is killed. */
export function startBench(words: readonly string[], options: BenchOptions = {}): RunningBench {
  const { atEnd = onTestFinished } = options
  const folder = temporaryDirectory(atEnd)
  const [command = '', ...rest] = [
    ...(options.within ?? []),
    process.execPath,
    program,
    ...['bench', '--json', ...words],
  ]
  const child = spawn(command, rest, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: BenchLine[] = []
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)))
  const ended = once(child, 'close').then(([exitCode]) => ({ exitCode }))
  atEnd(() => kill(child))
  const exitCode = async (): Promise<number | null> => (await ended).exitCode
  return {
    pid: child.pid ?? 0,
    folder,
    lines,
    get seconds() {
      return lines.filter((line): line is SecondLine => line.event === 'second')
    },
    get result() {
      return lines.find((line): line is Result => line.event === 'result')
    },
    get stderr() {
      return stderr
    },
    ended,
    signal: (name) => void child.kill(name),
    closeOutput() {
      child.stdout.destroy()
      child.stderr.destroy()
    },
    untilPhase: (phase) =>
      until(
        `phase ${phase}`,
        () => lines.some((line) => line.event === 'event' && line.text === phase),
        50_000,
      ),
    exitCode,
    async untilResult() {
      const code = await exitCode()
      const last = lines.at(-1)
      if (last?.event !== 'result') throw new Error(`no result, exit code ${code}: ${stderr}`)
      return last
    },
  }
}

/** The folder of a run. */
export function bundleOf({ folder, result }: RunningBench): string {
  if (result?.bundle === undefined) throw new Error('the run has no folder')
  return join(folder, result.bundle)
}

async function kill(child: ChildProcess): Promise<void> {
  const { pid } = child
  if (pid === undefined || !isAlive(pid)) return
  child.kill('SIGKILL')
  await once(child, 'close')
}
