import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureDelivery } from './delivery.ts'
import type { Bench, Figure } from './figure.ts'
import { measureIdleSessions } from './idle-sessions.ts'
import { describeMachine } from './machine.ts'
import { measurePublishing } from './publishing.ts'
import { tableOf } from './table.ts'

const usage = `npm run bench:quick -- [options]
  --only <idle|delivery|publishing>   one figure; may be given again
  --short                             a tenth of everything, to see that it runs
  --json                              the figures as JSON
  --folder <path>                     where databases go; a disk, not memory (default: the system's temporary folder)
  --profile <folder>                  processor profiles of our server under publishes; the figures are then worse`

const measures: Readonly<Record<string, (bench: Bench) => Promise<readonly Figure[]>>> = {
  idle: measureIdleSessions,
  delivery: measureDelivery,
  publishing: measurePublishing,
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      short: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      folder: { type: 'string', default: tmpdir() },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return void process.stdout.write(`${usage}\n`)
  const names = values.only ?? Object.keys(measures)
  const root = await mkdtemp(join(values.folder, 'rusher-bench-'))
  const bench: Bench = {
    short: values.short,
    profile: values.profile,
    folder: () => mkdtemp(join(root, 'run-')),
    progress: (text) => void process.stderr.write(`${text}\n`),
  }
  try {
    const machine = describeMachine()
    const figures: Figure[] = []
    for (const name of names) {
      const measure = measures[name]
      if (measure === undefined) throw new Error(`there is no figure '${name}'\n${usage}`)
      figures.push(...(await measure(bench)))
    }
    const report = { machine, figures }
    process.stdout.write(`${values.json ? JSON.stringify(report, null, 2) : tableOf(report)}\n`)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

await main()
