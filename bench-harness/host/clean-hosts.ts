import { type ChildProcess, spawn } from 'node:child_process'
import { text as textOf } from 'node:stream/consumers'
import type { HostEntry } from '../hosts/host-entry.ts'
import { remoteCommandOf } from './bootstrap-script.ts'
import { wrapChild } from './child.ts'
import { cleanScriptOf } from './clean-script.ts'
import { forEachHost } from './for-each-host.ts'
import { type SshHostOptions, sshWordsOf } from './ssh-host.ts'

export interface CleanedHost {
  readonly host: string
  /** Processes that were ended. */
  readonly ended: readonly number[]
  readonly removed: readonly string[]
  /** Locks of runs that go on, and so were left alone. */
  readonly running: readonly string[]
  /** Locks of other machines that share the folder. */
  readonly elsewhere: readonly string[]
  /** Why it could not be done. */
  readonly failure?: string
}

/** Removes what killed runs left behind on hosts. Never touches a process that no lock of ours names. */
export async function cleanHosts(
  entries: readonly HostEntry[],
  options: Pick<SshHostOptions, 'sshWords' | 'acceptNewHostKeys'>,
): Promise<readonly CleanedHost[]> {
  const cleaned = new Map<HostEntry, CleanedHost>()
  await forEachHost(entries, async (entry) => {
    cleaned.set(entry, await clean(entry, options))
  })
  return entries.flatMap((entry) => cleaned.get(entry) ?? [])
}

async function clean(
  { name, ssh, folder }: HostEntry,
  options: Pick<SshHostOptions, 'sshWords' | 'acceptNewHostKeys'>,
): Promise<CleanedHost> {
  const script = cleanScriptOf(folder)
  const process_ =
    ssh === undefined
      ? start('sh', ['-c', script])
      : start('ssh', [...sshWordsOf({ ...options, destination: ssh }), remoteCommandOf(script)])
  // Nobody interrupts it: it lasts a moment, and ssh gives up by itself.
  const child = wrapChild(process_, () => undefined)
  child.stdin.end()
  const text = await textOf(child.stdout)
  const how = await child.ended
  const lines = text.split('\n').filter((line) => line.startsWith('@rusher '))
  const of = (word: string): string[] =>
    lines.flatMap((line) => {
      const head = `@rusher ${word} `
      return line.startsWith(head) ? [line.slice(head.length)] : []
    })
  return {
    host: name,
    ended: of('ended').map(Number),
    removed: of('removed'),
    running: of('running'),
    elsewhere: of('elsewhere'),
    ...(lines.at(-1) === '@rusher cleaned' ? {} : { failure: how }),
  }
}

function start(file: string, words: readonly string[]): ChildProcess {
  return spawn(file, words, { stdio: ['pipe', 'pipe', 'pipe'] })
}
