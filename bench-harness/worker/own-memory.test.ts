import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { openOwnMemory } from './own-memory.ts'

const run = promisify(execFile)

test('the resident memory is what Node tells', () => {
  const ratio = openOwnMemory()() / process.memoryUsage.rss()
  expect(ratio).toBeGreaterThan(0.8)
  expect(ratio).toBeLessThan(1.25)
})

test('it can still be read when no descriptor is left', async () => {
  const program = `
    import { openSync } from 'node:fs'
    import { openOwnMemory } from '${new URL('./own-memory.ts', import.meta.url).href}'
    const look = openOwnMemory()
    let faults = []
    try { for (;;) openSync('/dev/null') } catch (error) { faults.push(error.code) }
    try { process.memoryUsage.rss() } catch (error) { faults.push(error.code) }
    const bytes = look()
    process.stdout.write(JSON.stringify({ faults, bytes }))
  `
  const words = ['-c', 'ulimit -n 64; exec "$0" "$@"', process.execPath, '--input-type=module']
  const { stdout } = await run('sh', [...words, '-e', program])
  const { faults, bytes } = JSON.parse(stdout) as { faults: string[]; bytes: number }
  expect(faults).toEqual(['EMFILE', 'EMFILE'])
  expect(bytes).toBeGreaterThan(10_000_000)
})
