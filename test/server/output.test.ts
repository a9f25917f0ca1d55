import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { upgradeStatus } from '../parts/http.ts'
import { connectRaw } from '../parts/raw-client.ts'
import { shapes } from '../parts/shapes.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'

const program = fileURLToPath(new URL('../../bin/rusher.js', import.meta.url))

test('a server whose output pipe is closed keeps running and shuts down cleanly', async () => {
  const words = ['serve', '--json', '--port', '0', '--storage', 'memory:']
  const child = spawn(process.execPath, [program, ...words], {
    cwd: temporaryDirectory(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { url } = JSON.parse(line) as { readonly url: string }
  child.stdout.destroy()
  child.stderr.destroy()
  // Each is told on standard output.
  for (let times = 0; times < 3; times += 1) {
    child.kill('SIGHUP')
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  }
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
})

test.each(shapes)('log lines that cannot be written end nothing, $shape', async ({ edges }) => {
  const words = ['serve', '--json', '--port', '0', '--storage', 'memory:', '--edges', `${edges}`]
  const full = openSync('/dev/full', 'w')
  onTestFinished(() => closeSync(full))
  const child = spawn(process.execPath, [program, ...words], {
    cwd: temporaryDirectory(),
    stdio: ['ignore', 'pipe', full],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  if (child.stdout === null) throw new Error('its standard output is no pipe')
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { url } = JSON.parse(line) as { readonly url: string }
  const client = await connectRaw(url)
  // Each such upgrade is logged with a reason, once a minute for each reason.
  for (const headers of [
    { Origin: 'https://evil.example' },
    { Host: 'evil.example' },
    { 'Sec-WebSocket-Version': '8' },
  ]) {
    expect(await upgradeStatus(Number(new URL(url).port), headers)).toBeGreaterThanOrEqual(400)
  }
  expect(await client.say('chat:a', 'hello')).toHaveProperty('ok')
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
})
