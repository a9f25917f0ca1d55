import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { describeMachine } from '../quick/machine.ts'
import { type Measure, measures, serverOf } from './measures.ts'
import { compareRuns } from './paired-runs.ts'

const usage = `npm run bench:regression -- --base <checkout> [options]
  --base <checkout>    root of another built checkout to compare this one with
  --only <name>        repeatable; one of ${measures.map(({ id }) => id).join(', ')}
  --rounds <number>    pairs of runs for each figure (default: 5)
  --tolerance <share>  how much worse the median pair may be (default: 0.05)
  --short              a tenth of everything, to see that it runs
  --folder <path>      folder for databases, on a disk (default: the system's temporary folder)

Exits with 1 when the median pair of a figure is worse than the tolerance.`

interface Sides {
  readonly base: string
  readonly folder: () => Promise<string>
  readonly rounds: number
  readonly scale: number
}

/** Runs both servers in the order A B B A, so that neither is always the first of its pair. */
async function measurePairs(
  measure: Measure,
  { base, folder, rounds, scale }: Sides,
): Promise<{ readonly base: readonly number[]; readonly current: readonly number[] }> {
  const runs = { base: [] as number[], current: [] as number[] }
  const start = { base: serverOf(base, folder), current: serverOf(undefined, folder) }
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? (['base', 'current'] as const) : (['current', 'base'] as const)
    for (const side of order) {
      process.stderr.write(`${measure.id}, pair ${round + 1} of ${rounds}: ${side}\n`)
      runs[side].push(await measure.run(start[side], scale))
    }
  }
  return runs
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      base: { type: 'string' },
      only: { type: 'string', multiple: true },
      rounds: { type: 'string', default: '5' },
      tolerance: { type: 'string', default: '0.05' },
      short: { type: 'boolean', default: false },
      folder: { type: 'string', default: tmpdir() },
      help: { type: 'boolean', default: false },
    },
  })
  const { base, only } = values
  if (values.help || base === undefined) return void process.stdout.write(`${usage}\n`)
  const rounds = Number(values.rounds)
  const tolerance = Number(values.tolerance)
  const chosen = measures.filter(({ id }) => only === undefined || only.includes(id))
  if (!(rounds >= 1) || !(tolerance >= 0) || chosen.length === 0) throw new Error(usage)
  const root = await mkdtemp(join(values.folder, 'rusher-bench-'))
  const sides: Sides = {
    base: resolve(base),
    folder: () => mkdtemp(join(root, 'run-')),
    rounds,
    scale: values.short ? 0.1 : 1,
  }
  try {
    const { cpu, cores, node, at, loadAverage } = describeMachine()
    process.stdout.write(
      `${cpu}, ${cores} cores; Node ${node}; ${at}, load average ${loadAverage} at the start\n`,
    )
    for (const measure of chosen) {
      const { name, unit, better } = measure
      const { worse, ...compared } = compareRuns({
        better,
        ...(await measurePairs(measure, sides)),
      })
      const met = worse.median <= 1 + tolerance
      if (!met) process.exitCode = 1
      const [median, min, max] = [worse.median, worse.min, worse.max].map((one) => one.toFixed(3))
      process.stdout.write(
        `${name}: base ${compared.base.toFixed(2)} ${unit}, now ${compared.current.toFixed(2)} ${unit}; ` +
          `cost ratio ${median} (${min} to ${max}) ${met ? 'met' : 'MISSED'}\n`,
      )
    }
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

await main()
process.exit()
