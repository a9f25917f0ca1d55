import type { ClientHost, ServerMachine } from '../../../bench-harness/doctor/capacity.ts'
import {
  commandsOf,
  type DoctorReport,
  examine,
  settingsOf,
} from '../../../bench-harness/doctor/doctor.ts'
import { applyFixes, type FixOutcome, undoFixes } from '../../../bench-harness/doctor/fixes.ts'
import type { Settings } from '../../../bench-harness/doctor/settings.ts'
import type { UndoFile } from '../../../bench-harness/doctor/undo-file.ts'
import { RusherError } from '../../protocol/index.ts'
import { doctorText } from './doctor-text.ts'

/** What `rusher bench doctor` ends with; beside these, 1 and 2 as every command. */
export const doctorExits = { looked: 0, problem: 10, hostNotReached: 12 } as const

export interface DoctorOptions {
  /** Where connections will go; each `ws://host:port/path`. */
  readonly urls: readonly string[]
  readonly connections?: number
  readonly json: boolean
  /** Changes settings, after asking. */
  readonly fix: boolean
  /** Gives settings back that were changed, and looks at nothing. */
  readonly undo: boolean
  /** Answers the question of `fix`. */
  readonly yes: boolean
}

export interface DoctorParts {
  /** The hosts of hosts.txt, or this machine. Rejects with a `RusherError` when one could not be reached. */
  readonly gatherHosts: () => Promise<readonly ClientHost[]>
  readonly gatherServer: () => Promise<ServerMachine | undefined>
  /** `undefined` for a name that nobody knows any more. */
  readonly settingsOf: (host: string) => Settings | undefined
  readonly undo: UndoFile
  readonly ask: (question: string) => Promise<boolean>
  readonly out: NodeJS.WritableStream
  readonly err: NodeJS.WritableStream
}

/**
 * Looks at hosts and server, prints what they can hold and what is in the way, and where it was asked to, changes settings and looks again.
 * Resolves with the exit code.
 */
export async function runDoctor(options: DoctorOptions, parts: DoctorParts): Promise<number> {
  if (options.undo) return giveBack(options, parts)
  const machines = await reach(parts)
  if (machines === undefined) return doctorExits.hostNotReached
  const report = look(options, machines)
  print(report, options, parts)
  if (!options.fix) return exitOf(report)
  const listening = await withListening(machines, parts)
  const changed = await change(look(options, listening), options, parts)
  if (!changed) return exitOf(report)
  const again = await reach(parts)
  if (again === undefined) return doctorExits.hostNotReached
  const after = look(options, again)
  print(after, options, parts)
  return exitOf(after)
}

interface Machines {
  readonly hosts: readonly ClientHost[]
  readonly server?: ServerMachine
}

async function reach({
  gatherHosts,
  gatherServer,
  err,
}: DoctorParts): Promise<Machines | undefined> {
  try {
    const [hosts, server] = await Promise.all([gatherHosts(), gatherServer()])
    return { hosts, ...(server === undefined ? {} : { server }) }
  } catch (error) {
    if (!(error instanceof RusherError)) throw error
    err.write(`rusher: ${error.message}\n`)
    return undefined
  }
}

function look({ urls, connections }: DoctorOptions, machines: Machines): DoctorReport {
  return examine({ ...machines, urls, ...(connections === undefined ? {} : { connections }) })
}

function print(report: DoctorReport, { json }: DoctorOptions, { out }: DoctorParts): void {
  out.write(json ? `${JSON.stringify(report)}\n` : doctorText(report, out))
}

/** Not enough connections, or a setting that is in the way of them. A warning is no problem. */
function exitOf({ enough, level }: DoctorReport): number {
  return enough === false || level === 'bad' ? doctorExits.problem : doctorExits.looked
}

/** Before a range is widened it must be known what listens in it. */
async function withListening(
  machines: Machines,
  { settingsOf: find }: DoctorParts,
): Promise<Machines> {
  const hosts = await Promise.all(
    machines.hosts.map(async (host) => {
      const found = (await find(host.name)?.listening()) ?? []
      return { ...host, listening: [...new Set([...(host.listening ?? []), ...found])] }
    }),
  )
  return { ...machines, hosts }
}

async function change(
  report: DoctorReport,
  options: DoctorOptions,
  parts: DoctorParts,
): Promise<boolean> {
  const { err } = parts
  const plans = [...new Set(report.rows.map(({ host }) => host))]
    .map((host) => ({ host, settings: settingsOf(report, host) }))
    .filter(({ settings }) => Object.keys(settings).length > 0)
  if (plans.length === 0) {
    err.write('Nothing is in the way that a setting could change.\n')
    return false
  }
  for (const { host, settings } of plans)
    err.write(`${host}:\n${commandsOf({ kind: 'settings', settings }).map(indented).join('')}`)
  err.write(
    'These last until the machine starts again; rusher bench doctor --undo takes them back.\n',
  )
  if (!options.yes && !(await parts.ask('Change them? [y/N] '))) {
    err.write('Nothing was changed.\n')
    return false
  }
  const outcomes: FixOutcome[] = []
  for (const { host, settings } of plans) {
    const there = parts.settingsOf(host)
    if (there === undefined) err.write(`${host}: its settings cannot be reached from here\n`)
    else outcomes.push(...(await applyFixes(host, there, settings, parts.undo)))
  }
  tell(outcomes, options, parts)
  if (outcomes.some(({ state }) => state === 'refused'))
    err.write('What was refused takes root, or sudo without a password; the commands are above.\n')
  return outcomes.some(({ state }) => state === 'changed')
}

async function giveBack(options: DoctorOptions, parts: DoctorParts): Promise<number> {
  const hosts = await parts.undo.hosts()
  if (hosts.length === 0) {
    parts.err.write('Nothing was changed that could be taken back.\n')
    return doctorExits.looked
  }
  let code: number = doctorExits.looked
  for (const host of hosts) {
    const there = parts.settingsOf(host)
    const outcomes = there === undefined ? undefined : await undoFixes(host, there, parts.undo)
    if (outcomes === undefined) {
      const old = Object.entries(await parts.undo.read(host)).map(
        ([name, changed]) => `sysctl -w ${name}='${changed.old}'`,
      )
      parts.err.write(
        `${host} cannot be reached from here (--clients with the same hosts.txt?); it was:\n${old.map(indented).join('')}`,
      )
    } else tell(outcomes, options, parts)
    if (outcomes === undefined || outcomes.some(({ state }) => state === 'refused'))
      code = doctorExits.hostNotReached
  }
  return code
}

function tell(
  outcomes: readonly FixOutcome[],
  { json }: DoctorOptions,
  { out, err }: DoctorParts,
): void {
  for (const { host, name, state, text } of outcomes) {
    if (json) out.write(`${JSON.stringify({ v: 1, event: 'setting', host, name, state, text })}\n`)
    else err.write(`${host}: ${name} ${state}: ${text}\n`)
  }
}

function indented(line: string): string {
  return `  ${line}\n`
}
