import { type Command, InvalidArgumentError, Option } from 'commander'
import { dialectNames } from '../../../bench-harness/plan/plan.ts'

/** What `rusher bench` was told on the command line. */
export interface BenchFlags {
  readonly target?: string
  readonly header?: readonly string[]
  readonly tokens?: string
  readonly insecure?: true
  readonly clients?: string
  readonly connections?: number
  readonly rate?: number
  readonly poisson?: true
  readonly scenario?: string
  readonly set?: readonly string[]
  readonly dialect?: string
  readonly duration?: string
  readonly settle?: string
  readonly timeout?: string
  readonly keepalive?: string
  readonly underWayMax?: number
  readonly slo?: string
  readonly findMax?: true
  readonly plan?: string
  readonly seed?: number
  readonly serverPorts?: number
  readonly server?: string
  readonly storage?: 'sqlite' | 'memory'
  readonly edges?: number
  readonly out?: string
  readonly run?: string
  readonly shipNode?: true
  readonly acceptNewHostKeys?: true
  readonly sshConfig?: string
  readonly overloadedMax?: number
  /** The earlier name of `overloadedMax`. */
  readonly iOwnThisTarget?: string
  readonly yes?: true
  readonly json?: true
  readonly plain?: true
  readonly quiet?: true
}

/** Adds the flags of a run. */
export function addBenchFlags(command: Command): Command {
  return command
    .option(
      '--target <url>',
      'ws:// or wss://host:port[/path], several with commas (default: starts a server)',
    )
    .option(
      '-H, --header <field>',
      "add a field to each upgrade request, as 'Cookie: sid={token}'; may be repeated",
      (field: string, before: readonly string[] = []) => [...before, field],
    )
    .option('--tokens <file>', 'tokens, one per line: connection i uses line i, in turn')
    .option('--insecure', 'accept any certificate of a wss:// server')
    .option(
      '--clients <file>',
      'hosts.txt: one box a line, reached over ssh; - reads standard input',
    )
    .option('-n, --connections <number>', 'connections in all (default: 1000)', whole)
    .option(
      '--rate <number>',
      'connection attempts a second (default: a tenth, 50 to 2000; 1000 to a large server of its own)',
      positive,
    )
    .option(
      '--under-way-max <number>',
      'connections begun and not yet ready; the others wait, which counts in their latency',
      whole,
    )
    .option('--poisson', 'attempts at random moments instead of even ones')
    .option('--scenario <name>', 'what the connections do, or a file of your own (default: hold)')
    .option('--set <option=value...>', 'options of the scenario')
    .addOption(
      new Option(
        '--dialect <name>',
        'how the server is spoken to (default: as the scenario needs)',
      ).choices(dialectNames),
    )
    .option('--duration <time>', 'length of what is measured, as 30s or 5m (default: 30s)')
    .option('--settle <time>', 'time before it that is not measured (default: 3s)')
    .option('--timeout <time>', 'longest that each step of a connection may take (default: 10s)')
    .option(
      '--keepalive <time>',
      'silence after which a connection is asked for a sign of life (default: 35s)',
    )
    .option('--slo <terms>', "thresholds, as 'ready>=99.9% p99<50ms loss=0'")
    .option('--find-max', 'find the most connections that meet the thresholds, up to --connections')
    .option('--plan <file>', 'run a plan that was kept or imported, instead of all of the above')
    .option('--seed <number>', 'where every random choice follows from (default: 1)', whole)
    .option('--server-ports <number>', 'ports from the one of --target on, all used', whole)
    .option('--server <destination>', '[user@]host of the server, to watch it over ssh')
    .addOption(
      new Option('--storage <kind>', 'of the server that is started (default: sqlite)').choices([
        'sqlite',
        'memory',
      ]),
    )
    .option('--edges <number>', 'edge processes of that server (default: as needed)', whole)
    .option('--out <folder>', 'where the run is kept (default: rusher-runs/<id>)')
    .option('--ship-node', 'send our own Node to boxes that have none')
    .option('--accept-new-host-keys', 'let ssh take keys of hosts that it never saw')
    .option('--ssh-config <file>', "another ssh configuration than the user's own")
    .option(
      '--overloaded-max <share>',
      'share of seconds in which the load generator may miss its schedule (default: 0.1)',
      share,
    )
    .option('--i-own-this-target <host>', 'needed for many connections to a public address')
    .option('-y, --yes', 'begin without asking, also what does not fit on this machine')
    .option('--json', 'one JSON line an event on standard output; the last is the result')
    .option('--plain', 'lines of text instead of the screen')
    .option('-q, --quiet', 'only the result')
}

export function whole(text: string): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number))
    throw new InvalidArgumentError('It must be a whole number from 0.')
  return number
}

function positive(text: string): number {
  const number = Number(text)
  if (!Number.isFinite(number) || number <= 0)
    throw new InvalidArgumentError('It must be a number above 0.')
  return number
}

export function share(text: string): number {
  const number = Number(text)
  if (text === '' || !(number >= 0 && number <= 1))
    throw new InvalidArgumentError('It must be a share from 0 to 1.')
  return number
}
