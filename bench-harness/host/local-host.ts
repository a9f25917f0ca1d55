import { spawn } from 'node:child_process'
import { RusherError } from '../../src/protocol/index.ts'
import { killGroup, wrapChild } from './child.ts'
import type { Host } from './host.ts'
import { openRunnerLine } from './runner-line.ts'
import type { WorkerBundle } from './worker-bundle.ts'

export interface LocalHostOptions {
  readonly name: string
  readonly bundle: Pick<WorkerBundle, 'path' | 'sha256'>
  /** The Node to run it with; absent: our own. */
  readonly node?: string
  /** Where its lock is kept; absent: the cache folder of the user. */
  readonly folder?: string
}

/** This machine: the runner is a child. */
export function createLocalHost({ name, bundle, node, folder }: LocalHostOptions): Host {
  return {
    name,
    async open({ run, lifetimeMs }) {
      const words = [bundle.path, 'runner', run, String(lifetimeMs)]
      const child = wrapChild(
        spawn(node ?? process.execPath, folder === undefined ? words : [...words, folder], {
          detached: true,
          stdio: ['pipe', 'pipe', 'pipe'],
        }),
        killGroup,
      )
      try {
        return await openRunnerLine(child, bundle.sha256)
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause)
        throw new RusherError('HOST_BOOTSTRAP', `${name}: ${why}`, { cause })
      }
    },
  }
}
