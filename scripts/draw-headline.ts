/** Draws the charts of kept runs beside them, and prints their table: `node scripts/draw-headline.ts [folder]`. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { memoryChart, readyChart } from '../bench-harness/headline/charts.ts'
import type { KeptRun } from '../bench-harness/headline/kept-run.ts'
import { headlineTable } from '../bench-harness/headline/table.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = resolve(root, process.argv[2] ?? 'docs/benchmarks/runs/headline')

const read = (file: string): KeptRun =>
  JSON.parse(readFileSync(join(folder, file), 'utf8')) as KeptRun

const files = existsSync(folder) ? readdirSync(folder) : []
const runs = files
  .filter((file) => /^\d+\.json$/.test(file))
  .map(read)
  .sort((a, b) => a.connections - b.connections)
const bare = files.includes('bare.json') ? read('bare.json') : undefined
const largest = runs.at(-1)
if (largest === undefined) {
  process.stderr.write(`${folder} holds no kept run; npm run bench:headline makes them\n`)
  process.exitCode = 1
} else {
  writeFileSync(join(folder, 'memory.svg'), memoryChart(runs, bare))
  writeFileSync(join(folder, 'ready.svg'), readyChart(largest))
  process.stdout.write(`\n${headlineTable(runs, bare)}\n`)
}
