import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const program = fileURLToPath(new URL('../../dist/bench-harness/scale/main.js', import.meta.url))
const run = promisify(execFile)

interface Printed {
  readonly figures: readonly {
    readonly id: string
    readonly rusher: number
    readonly bare: number
    readonly target?: { readonly text: string; readonly met: boolean }
  }[]
  readonly failed: readonly unknown[]
}

it('a figure of scale is printed as JSON with its peer of the same run and its target', async () => {
  const words = [program, '--only', 'connecting', '--short', '--json']
  const { stdout } = await run(process.execPath, words)
  const { figures, failed } = JSON.parse(stdout) as Printed
  expect(failed).toEqual([])
  expect(figures.map(({ id }) => id)).toEqual([
    'connecting.one.rate',
    'connecting.one.cpu',
    'connecting.edges-2.rate',
    'connecting.edges-2.cpu',
  ])
  for (const { rusher, bare } of figures) {
    expect(rusher).toBeGreaterThan(0)
    expect(bare).toBeGreaterThan(0)
  }
  expect(figures[0]?.target?.text).toBe('at least 70 % of bare')
}, 240_000)

it('a figure that is not there is refused by its name', async () => {
  await expect(run(process.execPath, [program, '--only', 'speed'])).rejects.toThrow(
    "there is no figure 'speed'",
  )
})

it('a number of members that is no number is refused', async () => {
  await expect(run(process.execPath, [program, '--members', 'many'])).rejects.toThrow(
    '--members takes a whole number above 0',
  )
})
