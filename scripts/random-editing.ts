import { parseArgs } from 'node:util'
import { type Version, versions } from '../test/documents/parts/editors.ts'
import { runSession } from '../test/documents/parts/random-session.ts'

/*
 * Random editing of documents with undo and redo: node scripts/random-editing.ts --steps 100000
 * --seed 1 --versions 13.6,14. Exits with 1 and prints the seeds if an update was refused or two
 * readers differ.
 */

const sessionSteps = 100

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    versions: { type: 'string', default: versions.join(',') },
  },
})
const asked = values.versions.split(',')
const chosen = versions.filter((version: Version) => asked.includes(version))
if (chosen.length !== asked.length)
  throw new Error(`--versions takes some of ${versions.join(',')}`)

let updates = 0
let undone = 0
const faults: string[] = []
const sessions = Math.ceil(Number(values.steps) / sessionSteps)
for (let index = 0; index < sessions; index += 1) {
  const seed = Number(values.seed) + index
  const report = runSession({ seed, steps: sessionSteps, versions: chosen })
  updates += report.updates
  undone += report.undone
  faults.push(...report.faults)
}
for (const fault of faults) console.log(fault)
console.log(
  `${sessions * sessionSteps} steps, ${undone} of them undo, ${updates} updates: ${faults.length} faults`,
)
process.exitCode = faults.length === 0 ? 0 : 1
