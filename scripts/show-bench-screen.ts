/*
 * Shows the screen of `rusher bench` with a run that nobody runs, to look at it: `tsc -b src/cli && node scripts/show-bench-screen.ts`.
 * Arguments: milliseconds that a second of the run takes (1000), seed (1), number of hosts (3).
 */
import { createFakeRun } from '../test/bench/parts/fake-run.ts'

const [secondMs = 1_000, seed = 1, hosts = 3] = process.argv.slice(2).map(Number)
const entry = '../dist/src/cli/bench/screen/show-screen.js'
const { showScreen } = (await import(
  entry
)) as typeof import('../src/cli/bench/screen/show-screen.tsx')

const run = createFakeRun({
  seed,
  hosts: Array.from({ length: hosts }, (_, no) => `box-${no + 1}`),
})
const timer = setInterval(() => run.step(), secondMs)
const began = performance.now()
try {
  await showScreen(run, {
    stdout: process.stdout,
    stdin: process.stdin,
    now: () => performance.now() - began,
    environment: process.env,
  })
} finally {
  clearInterval(timer)
}
process.stdout.write('The screen was left.\n')
