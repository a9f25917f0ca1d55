import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Acks } from './read-back.ts'
import type { ChildTask } from './storage-child.ts'

export interface ChildRun {
  readonly lines: readonly string[]
  /** Acknowledged events, by channel, as their offsets and numbers. */
  readonly acks: Acks
}

interface RunOptions {
  readonly environment?: Record<string, string>
  /** Kills the child at the first line for which this is true. */
  readonly killAt?: (line: string, acks: number) => boolean
}

const entry = fileURLToPath(new URL('./storage-child.ts', import.meta.url))

/** Runs the child until it ends or is killed, and tells what it said. */
export async function runChild(
  task: ChildTask,
  { environment = {}, killAt = () => false }: RunOptions = {},
): Promise<ChildRun> {
  const child = spawn(process.execPath, [entry, JSON.stringify(task)], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const acks = new Map<string, { offset: number; n: number }[]>()
  let count = 0
  const ended = new Promise((resolve) => child.on('close', resolve))
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    const [, channel, offset, n] = /^ack (\S+) (\d+) (\d+)$/.exec(line) ?? []
    if (channel !== undefined) {
      count += 1
      const list = acks.get(channel) ?? []
      list.push({ offset: Number(offset), n: Number(n) })
      acks.set(channel, list)
    }
    if (killAt(line, count)) child.kill('SIGKILL')
  }
  await ended
  return { lines, acks }
}
