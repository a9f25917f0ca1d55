import { type ChildProcess, spawn } from 'node:child_process'
import { RusherError } from '../../src/protocol/index.ts'
import type { SshDestination } from '../hosts/host-entry.ts'
import { type BootstrapOptions, BootstrapRefusal, bootstrap } from './bootstrap.ts'
import { bootstrapScriptOf, remoteCommandOf } from './bootstrap-script.ts'
import { killGroup, wrapChild } from './child.ts'
import type { Host, RunnerLine, RunnerStart } from './host.ts'
import { openRunnerLine } from './runner-line.ts'
import { sshAdvice } from './ssh-advice.ts'

/**
 * The user's own ssh with its configuration, without anything that could ask, be forwarded or be escaped. It may use a shared connection that is
 * there, but makes none, which would outlive it.
 */
const sshWords = [
  ...['-T', '-x', '-a', '-e', 'none', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10'],
  ...['-o', 'ServerAliveInterval=5', '-o', 'ServerAliveCountMax=3', '-o', 'ControlMaster=no'],
  ...['-o', 'ClearAllForwardings=yes'],
]

/** Attempts at a machine that lets too many wait, or drops those who come beyond its MaxStartups. */
const attemptsMax = 10
const pauseMs = 300
const pauseMsMax = 8_000

/** What ssh says when the other side hung up before it knew who came: sshd's MaxStartups. */
const hungUp =
  /kex_exchange_identification|ssh_exchange_identification|banner exchange|Connection (?:closed|reset) by .* port/

export interface SshHostOptions extends BootstrapOptions {
  readonly name: string
  readonly destination: SshDestination
  /** Where things are kept there; absent: the cache folder of the user. */
  readonly folder?: string
  /** More words for ssh, such as `-F file`. */
  readonly sshWords?: readonly string[]
  /** Takes the key of a host that was never seen before; otherwise ssh's configuration decides. */
  readonly acceptNewHostKeys?: boolean
  /** From 0 up to 1. */
  readonly chance: () => number
  readonly pause: (ms: number) => Promise<void>
  readonly launch?: (words: readonly string[]) => ChildProcess
}

/** The words behind `ssh`, up to the command. */
export function sshWordsOf(
  options: Pick<SshHostOptions, 'destination' | 'sshWords' | 'acceptNewHostKeys'>,
): string[] {
  const { user, host, port, jump } = options.destination
  return [
    ...sshWords,
    ...(options.sshWords ?? []),
    ...(options.acceptNewHostKeys === true ? ['-o', 'StrictHostKeyChecking=accept-new'] : []),
    ...(jump === undefined ? [] : ['-J', jump]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    '--',
    host,
  ]
}

/** A machine that is reached by the system's ssh: one connection, over which everything goes. */
export function createSshHost(options: SshHostOptions): Host {
  const { name } = options
  return {
    name,
    async open(start) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await openOnce(options, start)
        } catch (cause) {
          const why = cause instanceof Error ? cause.message : String(cause)
          const mayRetry = cause instanceof BootstrapRefusal && cause.isEarly && hungUp.test(why)
          if (!mayRetry || attempt === attemptsMax)
            throw new RusherError('HOST_BOOTSTRAP', `${name}: ${withAdvice(why, options)}`, {
              cause,
            })
          options.progress(`trying again, ${why}`)
          const longest = Math.min(pauseMsMax, pauseMs * 2 ** (attempt - 1))
          await options.pause(longest * (0.5 + options.chance() / 2))
        }
      }
    },
  }
}

function withAdvice(why: string, { destination }: SshHostOptions): string {
  const advice = sshAdvice(why, destination)
  return advice === undefined ? why : `${why}\n  ${advice}`
}

const launchSsh = (words: readonly string[]): ChildProcess =>
  spawn('ssh', words, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] })

async function openOnce(options: SshHostOptions, start: RunnerStart): Promise<RunnerLine> {
  const { bundle, ownNode, node, folder, launch = launchSsh } = options
  const script = bootstrapScriptOf({
    ...start,
    bundle: bundle.sha256,
    ...(ownNode === undefined ? {} : { ownNode: ownNode.sha256 }),
    ...(node === undefined ? {} : { node }),
    ...(folder === undefined ? {} : { folder }),
  })
  const child = wrapChild(launch([...sshWordsOf(options), remoteCommandOf(script)]), killGroup)
  await bootstrap(child, options)
  return openRunnerLine(child, bundle.sha256)
}
