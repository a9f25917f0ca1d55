import { clientHostsOf } from '../../../bench-harness/doctor/client-hosts.ts'
import {
  createShellSettings,
  runHere,
  runOverSsh,
} from '../../../bench-harness/doctor/shell-settings.ts'
import { createUndoFile, undoPath } from '../../../bench-harness/doctor/undo-file.ts'
import { openHosts } from '../../../bench-harness/host/open-hosts.ts'
import { sshWordsOf } from '../../../bench-harness/host/ssh-host.ts'
import { readWorkerBundle } from '../../../bench-harness/host/worker-bundle.ts'
import type { HostEntry } from '../../../bench-harness/hosts/host-entry.ts'
import { readHosts } from '../../../bench-harness/hosts/read-hosts.ts'
import { isThisMachine } from '../../../bench-harness/plan/target-address.ts'
import { hostFactsHere } from '../../../bench-harness/runner/host-facts.ts'
import { RusherError } from '../../protocol/index.ts'
import { ask } from './ask.ts'
import { benchExitOf } from './bench-exits.ts'
import { lookUpTarget } from './check-target.ts'
import { runDoctor } from './run-doctor.ts'

const thisMachine: HostEntry = { line: 1, name: 'localhost', sources: [], weight: 1 }
/** Looking takes seconds; a runner that is forgotten ends after this. */
const lifetimeMs = 60_000

export interface DoctorFlags {
  readonly clients?: string
  readonly target?: string
  readonly connections?: number
  readonly sshConfig?: string
  readonly acceptNewHostKeys?: true
  readonly shipNode?: true
  readonly fix?: true
  readonly undo?: true
  readonly yes?: true
  readonly json?: true
}

/** Runs `rusher bench doctor`. Resolves to the exit code. */
export async function runDoctorCommand(flags: DoctorFlags): Promise<number> {
  try {
    const entries = flags.clients ? await readHosts(flags.clients, process.stdin) : [thisMachine]
    const { connections } = flags
    const urls = (flags.target ?? 'ws://127.0.0.1:8080').split(',')
    const isHere = isThisMachine({ urls, addresses: await lookUpTarget(urls) })
    return await runDoctor(
      {
        urls,
        ...(connections === undefined ? {} : { connections }),
        json: flags.json === true,
        fix: flags.fix === true,
        undo: flags.undo === true,
        yes: flags.yes === true,
      },
      {
        gatherHosts: async () =>
          clientHostsOf(await lookAt(entries, flags), {
            serverIsHere: isHere,
            ...(connections === undefined ? {} : { connections }),
          }),
        gatherServer: async () =>
          isHere ? { name: 'this machine', facts: hostFactsHere() } : undefined,
        settingsOf: (name) => settingsOf(entries, name, flags),
        undo: createUndoFile(undoPath(process.env)),
        ask,
        out: process.stdout,
        err: process.stderr,
      },
    )
  } catch (error) {
    if (!(error instanceof RusherError)) throw error
    process.stderr.write(`rusher: ${error.message}\n`)
    return benchExitOf(error)
  }
}

async function lookAt(entries: readonly HostEntry[], flags: DoctorFlags) {
  const opened = await openHosts(entries, {
    run: `doctor-${Date.now().toString(36)}`,
    lifetimeMs,
    bundle: readWorkerBundle(),
    shipNode: flags.shipNode === true,
    ...(flags.acceptNewHostKeys === true ? { acceptNewHostKeys: true } : {}),
    ...(flags.sshConfig === undefined ? {} : { sshWords: ['-F', flags.sshConfig] }),
    chance: Math.random,
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    progress: () => undefined,
  })
  for (const { line } of opened) line.kill()
  return opened.map(({ entry, line, sources }) => ({ entry, facts: line.facts, sources }))
}

function settingsOf(entries: readonly HostEntry[], name: string, flags: DoctorFlags) {
  const entry = entries.find((one) => one.name === name)
  if (entry === undefined) return name === 'this machine' ? createShellSettings(runHere) : undefined
  if (entry.ssh === undefined) return createShellSettings(runHere)
  const words = sshWordsOf({
    destination: entry.ssh,
    ...(flags.sshConfig === undefined ? {} : { sshWords: ['-F', flags.sshConfig] }),
    ...(flags.acceptNewHostKeys === true ? { acceptNewHostKeys: true } : {}),
  })
  return createShellSettings(runOverSsh(words))
}
