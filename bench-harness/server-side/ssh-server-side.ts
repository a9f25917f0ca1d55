import { type ChildProcess, spawn } from 'node:child_process'
import { RusherError } from '../../src/protocol/index.ts'
import { sshAdvice } from '../host/ssh-advice.ts'
import { type SshHostOptions, sshWordsOf } from '../host/ssh-host.ts'
import { parseDestination } from '../hosts/host-entry.ts'
import { type ProcReading, secondOf } from './proc-reading.ts'
import type { Note, ServerSide } from './server-side.ts'
import { parseBlock, parsePageBytes } from './ssh-block.ts'
import { type SshScriptOptions, sshCommandOf } from './ssh-script.ts'

const connectMs = 15_000
const answerMs = 10_000
const blockBytesMax = 4 * 1_024 * 1_024
const endOfBlock = '@end\n'

export interface SshServer
  extends SshScriptOptions,
    Pick<SshHostOptions, 'sshWords' | 'acceptNewHostKeys'> {
  /** As a user would write it: `box1`, `me@box1`, `me@box1:2222`. */
  readonly destination: string
}

/** The words that start ssh. Throws a `RusherError` when the destination is none. */
export function sshArgumentsOf(server: SshServer): string[] {
  const destination = parseDestination(server.destination)
  if ('refused' in destination)
    throw new RusherError(
      'USAGE',
      `--server ${server.destination}: ${destination.refused}; write [user@]host[:port]`,
    )
  const { sshWords, acceptNewHostKeys } = server
  const words = sshWordsOf({
    destination,
    ...(sshWords === undefined ? {} : { sshWords }),
    ...(acceptNewHostKeys === undefined ? {} : { acceptNewHostKeys }),
  })
  return [...words, sshCommandOf(server)]
}

export type Launch = (file: string, words: readonly string[]) => ChildProcess

const launchProcess: Launch = (file, words) =>
  spawn(file, words, { stdio: ['pipe', 'pipe', 'pipe'] })

/**
 * A server on another machine, seen in /proc there over one ssh connection. Throws a `RusherError` with ssh's own words when it cannot be
 * reached. One that is lost later is noted, and gives nothing from then on.
 */
export async function connectSshServerSide(
  server: SshServer,
  note: Note,
  launch: Launch = launchProcess,
): Promise<ServerSide> {
  const session = createSession(launch('ssh', sshArgumentsOf(server)))
  const greeting = await session.next(connectMs)
  if (greeting === undefined) {
    session.end()
    const why = session.errors() || 'no answer in time'
    const destination = parseDestination(server.destination)
    const known = 'refused' in destination ? undefined : sshAdvice(why, destination)
    const advice = known ?? `Try: ssh ${server.destination} true`
    throw new RusherError(
      'SERVER_UNREACHABLE',
      `ssh to ${server.destination} gave no readings: ${why}. ${advice}`,
    )
  }
  const pageBytes = parsePageBytes(greeting) ?? 4_096
  let first: ProcReading | undefined
  let last: ProcReading | undefined
  let isLost = false

  async function look(): Promise<ProcReading | undefined> {
    const block = isLost ? undefined : await session.ask(answerMs)
    if (block === undefined && session.isOver() && !isLost) {
      isLost = true
      note(
        `the ssh connection to ${server.destination} was lost (${session.errors() || 'no reason given'}); the server's machine is no longer measured`,
      )
    }
    return block === undefined ? undefined : parseBlock(block)
  }

  return {
    async sample() {
      const now = await look()
      if (now === undefined) return {}
      first ??= now
      const second = secondOf(first, last, now, pageBytes)
      last = now
      return second
    },
    async facts() {
      const now = last ?? (await look())
      const limits = now?.processes.flatMap(({ descriptorsMax }) => descriptorsMax ?? []) ?? []
      return {
        machine: server.destination,
        processes: now?.processes.length ?? 0,
        ...(limits.length === 0 ? {} : { descriptorsMax: Math.min(...limits) }),
      }
    },
    close() {
      isLost = true
      session.end()
      return Promise.resolve()
    },
  }
}

/** Blocks out of a child's output, in order. An answer that came too late is thrown away, not taken for the next. */
function createSession(child: ChildProcess) {
  const { stdin, stdout, stderr } = child
  if (stdin === null || stdout === null || stderr === null)
    throw new Error('the child was started without pipes')
  let text = ''
  let complaints = ''
  let over = false
  let overdue = 0
  let waiting: ((block: string | undefined) => void) | undefined

  const settle = (block: string | undefined): void => {
    const resolve = waiting
    waiting = undefined
    resolve?.(block)
  }
  const finish = (): void => {
    over = true
    settle(undefined)
  }
  stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part
    for (let end = text.indexOf(endOfBlock); end >= 0; end = text.indexOf(endOfBlock)) {
      const block = text.slice(0, end)
      text = text.slice(end + endOfBlock.length)
      if (overdue > 0) overdue -= 1
      else settle(block)
    }
    if (text.length > blockBytesMax) child.kill()
  })
  stderr.setEncoding('utf8').on('data', (part: string) => {
    complaints = (complaints + part).slice(-2_000)
  })
  child.on('error', (error) => {
    complaints += error.message
    finish()
  })
  child.on('close', finish)
  // The other end is gone; `close` tells.
  stdin.on('error', finish)

  const next = (limitMs: number): Promise<string | undefined> =>
    new Promise((resolve) => {
      if (over) return resolve(undefined)
      const timer = setTimeout(() => {
        overdue += 1
        settle(undefined)
      }, limitMs)
      waiting = (block) => {
        clearTimeout(timer)
        resolve(block)
      }
    })
  return {
    next,
    ask(limitMs: number): Promise<string | undefined> {
      if (over || waiting !== undefined) return Promise.resolve(undefined)
      stdin.write('\n')
      return next(limitMs)
    },
    errors: () => complaints.trim(),
    isOver: () => over,
    end(): void {
      stdin.end()
      child.kill()
    },
  }
}
