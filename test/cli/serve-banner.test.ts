import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { waitUntilGone } from '../parts/processes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'

const program = fileURLToPath(new URL('../../bin/rusher.js', import.meta.url))

/** The banner of `rusher serve` with a given descriptor limit. */
async function bannerWith(
  descriptorsMax: number,
  flags: readonly string[] = [],
  config = '{}',
): Promise<string> {
  const cwd = temporaryDirectory()
  writeFileSync(join(cwd, 'rusher.config.mjs'), `export default ${config}\n`)
  const limited = ['-c', `ulimit -n ${descriptorsMax}; exec "$0" "$@"`, process.execPath, program]
  const words = ['serve', '--port', '0', '--storage', 'memory:', ...flags]
  const child = spawn('sh', [...limited, ...words], { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => end(child))
  let text = ''
  child.stdout.on('data', (bytes: Buffer) => {
    text += bytes.toString()
  })
  await until('it has started', () => text.includes('Ctrl-C'))
  return text
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return
  await waitUntilGone(child.pid, () => void child.kill('SIGKILL'))
}

test('with few descriptors the banner says how many sessions fit, and what to do', async () => {
  const banner = await bannerWith(400)
  expect(banner).toMatch(/only 144 sessions fit/)
  expect(banner).toContain('400 files')
  expect(banner).toContain('ulimit -n 65536')
  for (const line of banner.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
})

test('each edge has its own file descriptors', async () => {
  const banner = await bannerWith(400, ['--edges', '2'])
  expect(banner).toMatch(/only 288 sessions fit/)
  expect(banner).toContain('144 in each edge')
})

test('nothing is said where as many fit as were asked for', async () => {
  const banner = await bannerWith(400, [], '{ limits: { sessionsMax: 100 } }')
  expect(banner).not.toContain('fit')
})

test.each([
  ['sqlite:a.db', 'Everything accepted is on disk. Bye.\n'],
  ['memory:', 'again to end at once.\nBye.\n'],
])('the last words of a server on %s are true of its storage', async (storage, words) => {
  const serve = [program, 'serve', '--port', '0', '--storage', storage]
  const child = spawn(process.execPath, serve, {
    cwd: temporaryDirectory(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => end(child))
  let text = ''
  child.stdout.on('data', (bytes: Buffer) => {
    text += bytes.toString()
  })
  await until('it has started', () => text.includes('Ctrl-C'))
  child.kill('SIGTERM')
  await once(child, 'close')
  expect(text.toLowerCase().endsWith(words.toLowerCase())).toBe(true)
})
