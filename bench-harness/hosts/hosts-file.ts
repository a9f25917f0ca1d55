import { isIP } from 'node:net'
import {
  type HostEntry,
  parseDestination,
  parseSources,
  type Refused,
  type SshDestination,
} from './host-entry.ts'

export interface HostsMistake {
  readonly line: number
  /** Both begin with 1. */
  readonly column: number
  readonly text: string
}

export interface ParsedHosts {
  readonly hosts: readonly HostEntry[]
  /** All of them; when there is one, the hosts are not to be used. */
  readonly mistakes: readonly HostsMistake[]
}

/**
 * Reads a hosts.txt: a line for each host, its destination first, then `option=value`, with `#` before what is a remark. A destination is
 * `[user@]host[:port]`, `ssh://user@host:port`, or `localhost` or `:` for this machine; `8/` before it is short for `workers=8`. No two
 * hosts have the same name; one host can be there twice under different labels.
 */
export function parseHosts(text: string): ParsedHosts {
  const hosts: HostEntry[] = []
  const mistakes: HostsMistake[] = []
  for (const [index, content] of text.split(/\r?\n/).entries()) {
    const line = index + 1
    const words = wordsOf(content)
    const complain: Complain = (column, why) => mistakes.push({ line, column, text: why })
    const entry = parseLine(line, words, complain)
    if (entry === undefined) continue
    const twin = hosts.find(({ name }) => name.toLowerCase() === entry.name.toLowerCase())
    if (twin === undefined) hosts.push(entry)
    else
      complain(
        words[0]?.column ?? 1,
        `${entry.name} is in line ${twin.line} already; give one of them another label=, or take it out`,
      )
  }
  if (hosts.length === 0 && mistakes.length === 0)
    mistakes.push({ line: 1, column: 1, text: 'there is no host in it' })
  return { hosts, mistakes }
}

interface Word {
  readonly column: number
  readonly text: string
}

function wordsOf(line: string): readonly Word[] {
  const found: Word[] = []
  for (const match of line.matchAll(/\S+/g)) {
    if (match[0].startsWith('#')) break
    found.push({ column: match.index + 1, text: match[0] })
  }
  return found
}

type Complain = (column: number, why: string) => void

function parseLine(
  line: number,
  [first, ...rest]: readonly Word[],
  complain: Complain,
): HostEntry | undefined {
  if (first === undefined) return undefined
  let isWrong = false
  const refuse: Complain = (column, why) => {
    isWrong = true
    complain(column, why)
  }
  const [, count, destination = ''] = /^(?:(\d+)\/)?(.*)$/.exec(first.text) ?? []
  const isLocal = destination === 'localhost' || destination === ':'
  const ssh = isLocal ? undefined : parseDestination(destination)
  if (ssh !== undefined && 'refused' in ssh)
    refuse(first.column + first.text.length - destination.length, ssh.refused)
  // `8/` is the same option in another place.
  const counted = count === undefined ? [] : [{ column: first.column, text: `workers=${count}` }]
  const { label, jump, ...options } = parseOptions([...counted, ...rest], refuse)
  if (isLocal && jump !== undefined) refuse(first.column, 'jump= is for hosts reached by ssh')
  if (isWrong) return undefined
  const entry = { line, sources: [], weight: 1, ...options }
  if (ssh === undefined || 'refused' in ssh) return { ...entry, name: label ?? 'localhost' }
  const through = jump === undefined ? ssh : { ...ssh, jump }
  return { ...entry, name: label ?? nameOf(ssh), ssh: through }
}

type Options = Partial<Omit<HostEntry, 'line' | 'name' | 'ssh'>> & {
  readonly label?: string
  readonly jump?: string
}

const optionParsers: Readonly<Record<string, (value: string) => Options | Refused>> = {
  workers: (value) => ifWhole(value, 1_000, (workers) => ({ workers })),
  max: (value) => ifWhole(value, 1_000_000_000, (max) => ({ max })),
  src(value) {
    const sources = parseSources(value)
    return 'refused' in sources ? sources : { sources }
  },
  weight(value) {
    const weight = Number(value)
    return /^\d+(?:\.\d+)?$/.test(value) && weight > 0
      ? { weight }
      : { refused: `"${value}" is no weight; write a number above 0` }
  },
  node: (value) => ifPath(value, (node) => ({ node })),
  dir: (value) => ifPath(value, (folder) => ({ folder })),
  jump(value) {
    for (const hop of value.split(',')) {
      const parsed = parseDestination(hop)
      if ('refused' in parsed) return parsed
    }
    return { jump: value }
  },
  label: (value) =>
    /^[A-Za-z0-9_][\w.-]{0,39}$/.test(value)
      ? { label: value }
      : { refused: `"${value}" is no label; write up to 40 letters, digits, ".", "_" or "-"` },
}

function parseOptions(words: readonly Word[], refuse: Complain): Options {
  let options: Options = {}
  const seen = new Set<string>()
  for (const { column, text } of words) {
    const equals = text.indexOf('=')
    const name = equals < 0 ? text : text.slice(0, equals)
    const parse = Object.hasOwn(optionParsers, name) ? optionParsers[name] : undefined
    if (parse === undefined || equals < 0) {
      const known = Object.keys(optionParsers).join('=, ')
      refuse(column, `"${name}" is no option; there are ${known}=`)
      continue
    }
    if (seen.has(name)) refuse(column, `${name} is given twice`)
    seen.add(name)
    const parsed = parse(text.slice(equals + 1))
    if ('refused' in parsed) refuse(column + equals + 1, parsed.refused)
    else options = { ...options, ...parsed }
  }
  return options
}

function ifWhole(value: string, max: number, make: (count: number) => Options): Options | Refused {
  const count = Number(value)
  return /^\d+$/.test(value) && count >= 1 && count <= max
    ? make(count)
    : { refused: `"${value}" is no number from 1 to ${max}` }
}

function ifPath(value: string, make: (path: string) => Options): Options | Refused {
  return /^(?:~\/|\/)\P{Cc}+$/u.test(value)
    ? make(value)
    : { refused: `"${value}" is no path; it begins with / or ~/` }
}

function nameOf({ user, host, port }: SshDestination): string {
  const place = isIP(host) === 6 ? `[${host}]` : host
  return `${user === undefined ? '' : `${user}@`}${place}${port === undefined ? '' : `:${port}`}`
}
