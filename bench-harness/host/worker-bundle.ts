import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { RusherError } from '../../src/protocol/index.ts'

/** The program of runner and worker, in one file. */
export interface WorkerBundle {
  readonly path: string
  /** In hex. */
  readonly sha256: string
  readonly bytes: Uint8Array
}

/** Where the build puts it, beside the compiled harness. */
export function workerBundlePath(): string {
  return fileURLToPath(new URL('../worker.mjs', import.meta.url))
}

/** Reads it. Throws a `RusherError` when it was not built. */
export function readWorkerBundle(path: string = workerBundlePath()): WorkerBundle {
  try {
    const bytes = readFileSync(path)
    return { path, bytes, sha256: createHash('sha256').update(bytes).digest('hex') }
  } catch (cause) {
    const text = `cannot read the worker's program ${path}; it comes with the package, and is made by npm run build`
    throw new RusherError('INSTALLATION', text, { cause })
  }
}
