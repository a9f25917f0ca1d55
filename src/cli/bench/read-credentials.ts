import { readFileSync } from 'node:fs'
import {
  type Credentials,
  type Header,
  parseHeader,
  parseTokens,
} from '../../../bench-harness/plan/credentials.ts'
import { RusherError } from '../../protocol/index.ts'
import type { BenchFlags } from './bench-flags.ts'

/**
 * What `--header` and `--tokens` give the connections of a run.
 * @throws {RusherError} `USAGE`, which says what is wrong with which of them.
 */
export function readCredentials({ header = [], tokens }: BenchFlags): Credentials {
  return {
    headers: header.map(readHeader),
    tokens: tokens === undefined ? [] : readTokens(tokens),
  }
}

function readHeader(text: string): Header {
  const header = parseHeader(text)
  if (typeof header !== 'string') return header
  // Not the whole text: its value may be a secret.
  throw new RusherError('USAGE', `--header '${text.split(':')[0]}: ...': ${header}`)
}

function readTokens(file: string): readonly string[] {
  const tokens = parseTokens(read(file))
  if (typeof tokens !== 'string') return tokens
  throw new RusherError('USAGE', `--tokens ${file}: ${tokens}`)
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new RusherError('USAGE', `cannot read the tokens: ${why}`, { cause })
  }
}
