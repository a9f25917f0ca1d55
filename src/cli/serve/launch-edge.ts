import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { EdgeHeap } from '../../server/index.ts'
import type { ServeFlags } from '../flags.ts'
import { edgeNodeOptions } from './young-generation.ts'

/** The fourth stdio entry is the link to the core. */
export const linkDescriptor = 3

/** What an edge process is told when it starts; the rest is in the configuration that it reads, and in its link. */
export interface EdgeOrders {
  readonly flags: ServeFlags
  /** The most sessions it takes, where a capacity was planned. */
  readonly sessionsMax?: number
}

/** Starts one edge process: it reads the same configuration, and gets everything else over its link. */
export function launchEdge(orders: EdgeOrders, heap: EdgeHeap): ChildProcess {
  const entry = fileURLToPath(new URL('./edge-main.js', import.meta.url))
  const options = edgeNodeOptions(process.env['NODE_OPTIONS'], heap)
  return spawn(process.execPath, [...options, entry, JSON.stringify(orders)], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  })
}
