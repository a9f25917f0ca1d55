import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { Probe } from './probe.ts'

/** The Node that runs the controller, as it could be sent to a machine that has none. */
export interface OwnNode {
  readonly sha256: string
  readonly bytes: number
  readonly version: string
  readonly system: string
  readonly arch: string
  readonly libc: Probe['libc']
  read(): Readable
}

/** Reads it once through, for its sha256. */
export async function readOwnNode(node: NodeJS.Process): Promise<OwnNode> {
  const path = node.execPath
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return {
    sha256: hash.digest('hex'),
    bytes: (await stat(path)).size,
    version: node.version,
    system: node.platform,
    arch: node.arch,
    libc: libcOf(node),
    read: () => createReadStream(path),
  }
}

function libcOf(node: NodeJS.Process): Probe['libc'] {
  if (node.platform !== 'linux') return 'other'
  // Otherwise the report looks up the names of all peers.
  Object.assign(node.report, { excludeNetwork: true })
  const { header } = node.report.getReport() as { header: Record<string, unknown> }
  return header['glibcVersionRuntime'] === undefined ? 'musl' : 'glibc'
}

/** Why a Node cannot run on a machine; undefined when it should. */
export function whyNotRunnable(node: OwnNode, probe: Probe): string | undefined {
  const [theirs, ours] = [probe, node].map(({ system, arch, libc }) =>
    [system, arch, ...(libc === 'other' ? [] : [libc])].join(' '),
  )
  return theirs === ours ? undefined : `it runs ${theirs}, this machine ${ours}`
}
