import { homedir } from 'node:os'
import { join } from 'node:path'
import { RusherError } from '../../src/protocol/index.ts'
import type { HostEntry } from '../hosts/host-entry.ts'
import { resolveSources } from '../hosts/resolve-sources.ts'
import { forEachHost } from './for-each-host.ts'
import type { Host, RunnerLine, RunnerStart } from './host.ts'
import { createLocalHost } from './local-host.ts'
import { type OwnNode, readOwnNode } from './own-node.ts'
import { createSshHost, type SshHostOptions } from './ssh-host.ts'
import type { WorkerBundle } from './worker-bundle.ts'

export interface OpenedHost {
  readonly entry: HostEntry
  readonly line: RunnerLine
  /** Its `src=` as addresses. */
  readonly sources: readonly string[]
}

export interface HostProgress {
  readonly host: string
  readonly state: 'connecting' | 'ready' | 'failed'
  readonly text: string
}

export interface OpenHostsOptions
  extends RunnerStart,
    Pick<SshHostOptions, 'sshWords' | 'acceptNewHostKeys' | 'chance' | 'pause'> {
  readonly bundle: WorkerBundle
  /** Sends our Node where there is none that is new enough. */
  readonly shipNode: boolean
  progress(news: HostProgress): void
}

/**
 * Starts a runner on every host. Rejects with a `RusherError` `HOST_BOOTSTRAP` that names each host that could not be had, and why; the
 * others have been ended then.
 */
export async function openHosts(
  entries: readonly HostEntry[],
  options: OpenHostsOptions,
): Promise<readonly OpenedHost[]> {
  const ownNode = options.shipNode ? await readOwnNode(process) : undefined
  const opened = new Map<HostEntry, OpenedHost>()
  const failures = new Map<HostEntry, string>()

  async function open(entry: HostEntry): Promise<void> {
    const tell = (state: HostProgress['state'], text: string): void =>
      options.progress({ host: entry.name, state, text })
    tell('connecting', 'connecting')
    try {
      const line = await hostOf(entry, options, ownNode, (text) => tell('connecting', text)).open(
        options,
      )
      const sources = resolveSources(entry.sources, line.facts)
      if ('refused' in sources) {
        line.kill()
        throw new RusherError('HOST_BOOTSTRAP', `${entry.name}: ${sources.refused}`)
      }
      opened.set(entry, { entry, line, sources })
      tell('ready', `ready, ${line.facts.cores} cores, Node ${line.facts.node}`)
    } catch (error) {
      if (!(error instanceof RusherError)) throw error
      failures.set(entry, error.message)
      tell('failed', error.message)
    }
  }

  await forEachHost(entries, open)
  if (failures.size === 0) return entries.flatMap((entry) => opened.get(entry) ?? [])
  for (const { line } of opened.values()) line.kill()
  const reasons = entries.flatMap((entry) => failures.get(entry) ?? [])
  const count = `${failures.size} of ${entries.length} hosts could not be used`
  throw new RusherError('HOST_BOOTSTRAP', [`${count}:`, ...reasons].join('\n  '))
}

function hostOf(
  entry: HostEntry,
  options: OpenHostsOptions,
  ownNode: OwnNode | undefined,
  progress: (text: string) => void,
): Host {
  const { name, ssh, node, folder } = entry
  const { bundle, chance, pause, sshWords, acceptNewHostKeys } = options
  if (ssh === undefined)
    return createLocalHost({
      name,
      bundle,
      ...(node === undefined ? {} : { node: atHome(node) }),
      ...(folder === undefined ? {} : { folder: atHome(folder) }),
    })
  return createSshHost({
    name,
    destination: ssh,
    bundle,
    chance,
    pause,
    progress,
    ourVersion: process.version,
    ...(node === undefined ? {} : { node }),
    ...(folder === undefined ? {} : { folder }),
    ...(ownNode === undefined ? {} : { ownNode }),
    ...(sshWords === undefined ? {} : { sshWords }),
    ...(acceptNewHostKeys === undefined ? {} : { acceptNewHostKeys }),
  })
}

function atHome(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path
}
