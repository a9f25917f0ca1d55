import { readFile } from 'node:fs/promises'
import { text as textOf } from 'node:stream/consumers'
import { RusherError } from '../../src/protocol/index.ts'
import type { HostEntry } from './host-entry.ts'
import { parseHosts } from './hosts-file.ts'

/**
 * Reads a hosts.txt; `-` is the input given. Throws a `RusherError` `USAGE` with a line for each mistake, in the form that editors jump to.
 */
export async function readHosts(
  path: string,
  input: NodeJS.ReadableStream,
): Promise<readonly HostEntry[]> {
  const { hosts, mistakes } = parseHosts(path === '-' ? await textOf(input) : await read(path))
  if (mistakes.length === 0) return hosts
  const file = path === '-' ? 'standard input' : path
  const lines = mistakes.map(({ line, column, text }) => `${file}:${line}:${column}: ${text}`)
  throw new RusherError('USAGE', lines.join('\n'))
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new RusherError('USAGE', `cannot read the hosts: ${why}`, { cause })
  }
}
