import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Config } from '../server/index.ts'

/** What `rusher serve` was told on the command line. */
export interface ServeFlags {
  readonly config?: string
  readonly json?: true
  readonly port?: number
  readonly host?: string
  readonly unixSocket?: string
  readonly storage?: string
  readonly acceptLoss?: true
  readonly edges?: number
  readonly capacity?: number
  readonly plan?: true
  readonly static?: string
  readonly origin?: string[]
  readonly allowedHost?: string[]
  readonly logLevel?: NonNullable<Config['logLevel']>
}

/** Adds the flags of `rusher serve`, with their defaults in words: a flag that is not given overrides nothing. */
export function addServeFlags(command: Command): Command {
  return command
    .option(
      '-p, --port <number>',
      'port to listen on; 0 takes a free one (default: $PORT, or 8080)',
      portNumber,
    )
    .option('--host <address>', 'address to listen on (default: 127.0.0.1, only this machine)')
    .option('--unix-socket <path>', 'Unix socket to listen on, instead of a port')
    .option(
      '--storage <where>',
      'sqlite:<file> or a path, or memory: (default: sqlite:./data/rusher.db)',
    )
    .option(
      '--accept-loss',
      'start although the database is behind what was acknowledged, as a new log',
    )
    .option(
      '--edges <number>',
      'processes that hold connections; 0: all in one process (default: 0)',
      whole,
    )
    .option(
      '--capacity <number>',
      'sessions to be ready for; works out edges, their heaps and what the machine lacks',
      wholeFrom1,
    )
    .option('--plan', 'print what --capacity works out, and end')
    .option('--static <folder>', 'also serve the files of this folder, compressed')
    .option(
      '--origin <origin...>',
      'additional origins whose pages may connect and read, such as https://*.example.com (* for all)',
    )
    .option(
      '--allowed-host <name...>',
      'host names to accept without tokens, besides localhost and IP addresses (* for all)',
    )
    .option(
      '-c, --config <file>',
      'configuration file (default: rusher.config.ts, .mts, .cts, .js, .mjs or .cjs, if present)',
    )
    .addOption(
      new Option('--log-level <level>', 'what is logged to standard error (default: warn)').choices(
        ['debug', 'info', 'warn', 'error', 'silent'],
      ),
    )
    .option('--json', 'one JSON line an event on standard output, instead of the banner')
}

/** The flags as a configuration: only what was given. */
export function configFromFlags(flags: ServeFlags): Config {
  const { port, host, storage, acceptLoss, edges, capacity, origin, allowedHost, logLevel } = flags
  return {
    ...(port === undefined ? {} : { port }),
    ...(host === undefined ? {} : { host }),
    ...(flags.unixSocket === undefined ? {} : { unixSocket: flags.unixSocket }),
    ...(storage === undefined ? {} : { storage }),
    ...(acceptLoss === undefined ? {} : { acceptLoss }),
    ...(edges === undefined ? {} : { edges }),
    ...(capacity === undefined ? {} : { capacity }),
    ...(flags.static === undefined ? {} : { static: flags.static }),
    ...(origin === undefined ? {} : { origins: origin }),
    ...(allowedHost === undefined ? {} : { allowedHosts: allowedHost }),
    ...(logLevel === undefined ? {} : { logLevel }),
  }
}

function portNumber(text: string): number {
  return wholeFrom(0, text, 65_535)
}

function whole(text: string): number {
  return wholeFrom(0, text)
}

function wholeFrom1(text: string): number {
  return wholeFrom(1, text)
}

function wholeFrom(least: number, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < least || number > most) {
    const range = most === Number.MAX_SAFE_INTEGER ? `${least}` : `${least} to ${most}`
    throw new InvalidArgumentError(`It must be a whole number from ${range}.`)
  }
  return number
}
