import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ServeFlags } from '../flags.ts'
import { edgeNodeOptions } from './young-generation.ts'

/** The fourth stdio entry is the link to the core. */
export const linkDescriptor = 3

/** Starts one edge process: it reads the same configuration, and gets everything else over its link. */
export function launchEdge(flags: ServeFlags): ChildProcess {
  const entry = fileURLToPath(new URL('./edge-main.js', import.meta.url))
  const options = edgeNodeOptions(process.env['NODE_OPTIONS'])
  return spawn(process.execPath, [...options, entry, JSON.stringify(flags)], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  })
}
