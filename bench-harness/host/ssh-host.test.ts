import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryDirectory } from '../../test/parts/temporary-directory.ts'
import { hostFactsHere } from '../runner/host-facts.ts'
import { createSshHost, type SshHostOptions, sshWordsOf } from './ssh-host.ts'

/** Says hello as a runner does, answers each line with a clock's, and ends with its input. */
const source = `
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
const say = (message) => process.stdout.write(JSON.stringify(message) + '\\n')
const bundle = createHash('sha256').update(readFileSync(process.argv[1])).digest('hex')
say({ type: 'hello', bundle, facts: ${JSON.stringify(hostFactsHere())} })
say({ type: 'fault', message: process.argv.slice(2).join(' ') })
process.stdin.resume().on('end', () => process.exit(0))
`
const bytes = Buffer.from(source)
const bundle = { path: '', bytes, sha256: createHash('sha256').update(bytes).digest('hex') }

/** A machine that ssh would lead to: a home, and a folder of programs before the usual ones. */
function machine(before = '') {
  const home = temporaryDirectory()
  const programs = join(home, 'programs')
  mkdirSync(programs)
  const add = (name: string, script: string): void => {
    writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(programs, name), 0o755)
  }
  const launch = (words: readonly string[]): ChildProcess => {
    const env = { HOME: home, PATH: `${programs}:/usr/bin:/bin` }
    const command = `${before}${words.at(-1)}`
    return spawn('sh', ['-c', command], { detached: true, env, stdio: ['pipe', 'pipe', 'pipe'] })
  }
  symlinkSync(process.execPath, join(programs, 'node'))
  return { home, add, launch }
}

async function open(more: Partial<SshHostOptions>) {
  const host = createSshHost({
    name: 'box',
    destination: { host: 'box' },
    bundle,
    ourVersion: 'v24.1.0',
    chance: () => 0.5,
    pause: () => Promise.resolve(),
    progress: () => undefined,
    ...more,
  })
  const line = await host.open({ run: 'r1', lifetimeMs: 1_000 })
  onTestFinished(line.kill)
  return line
}

test('the program is put into the cache, for its owner only, and run with what it is to know', async () => {
  const { home, launch } = machine()
  const line = await open({ launch })
  const said = await new Promise((resolve) => line.onMessage(resolve))
  const folder = join(home, '.cache/rusher')
  expect(said).toEqual({ type: 'fault', message: `runner r1 1000 ${folder}` })
  expect(readdirSync(folder)).toEqual([`bench-worker-${bundle.sha256}.mjs`])
  line.kill()
  expect(await line.closed).toBe('ended by SIGKILL')
})

test('what a login shell says first is passed over', async () => {
  const { launch } = machine('echo Welcome; printf "no end of line"; echo; ')
  expect((await open({ launch })).facts.cores).toBeGreaterThan(0)
})

test('a disk without room is refused before anything is sent', async () => {
  const { home, add, launch } = machine()
  add('df', 'echo "Filesystem 1024-blocks Used Available Capacity Mounted"; echo "d 9 9 2000 1% /"')
  await expect(open({ launch })).rejects.toThrow(/box: its disk has 2 MB free in .*dir=/)
  expect(readdirSync(join(home, '.cache/rusher'))).toEqual([])
})

test('a folder that cannot be made is told in the words of its system', async () => {
  const { home, launch } = machine()
  writeFileSync(join(home, 'file'), '')
  await expect(open({ launch, folder: '~/file/x' })).rejects.toThrow(
    /it could not store what was sent: mkdir: .*Not a directory/s,
  )
})

test('a Node of another kind of machine is not sent', async () => {
  const { add, launch } = machine()
  add('uname', 'case $1 in -s) echo FreeBSD ;; *) echo amd64 ;; esac')
  add('old', 'echo v12.0.0')
  const ownNode = {
    sha256: 'ab',
    bytes: 1,
    version: 'v24.1.0',
    system: 'linux',
    arch: 'arm64',
    libc: 'musl',
    read: () => {
      throw new Error('it is not read')
    },
  } as const
  await expect(open({ launch, ownNode, node: '~/programs/old' })).rejects.toThrow(
    /is v12\.0\.0\).*--ship-node cannot help: it runs freebsd x64.*, this machine linux arm64 musl/,
  )
})

const busy = 'kex_exchange_identification: Connection closed by remote host'
const failing = (text: string) => () =>
  spawn('sh', ['-c', 'echo "$0" >&2; exit 255', text], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })

test('a machine that hangs up at once is tried again, after longer and longer pauses', async () => {
  const { launch } = machine()
  const pauses: number[] = []
  let attempts = 0
  await open({
    launch: (words) => (++attempts <= 3 ? failing(busy)() : launch(words)),
    pause: async (ms) => void pauses.push(ms),
  })
  expect(pauses).toEqual([225, 450, 900])
})

test('it is given up in the end, and any other failure at once, in the words of ssh', async () => {
  const pauses: number[] = []
  const pause = async (ms: number) => void pauses.push(ms)
  await expect(open({ launch: failing(busy), pause })).rejects.toMatchObject({
    code: 'HOST_BOOTSTRAP',
    message: `box: ended with exit code 255: ${busy}`,
  })
  expect(pauses).toHaveLength(9)
  await expect(open({ launch: failing('Host key verification failed.'), pause })).rejects.toThrow(
    'box: ended with exit code 255: Host key verification failed.\n  Its host key is unknown.',
  )
  expect(pauses).toHaveLength(9)
})

test('a runner that says what is no message is cut off', async () => {
  const text = source.replace("type: 'fault'", "type: 'tick'")
  const other = { ...bundle, bytes: Buffer.from(text) }
  const sha256 = createHash('sha256').update(text).digest('hex')
  const { launch } = machine()
  const line = await open({ launch, bundle: { ...other, sha256 } })
  expect(await line.closed).toMatch(/^its runner sent no valid message \(type tick\)/)
})

test('a destination is handed to ssh in parts, the host behind "--"', () => {
  const destination = { user: 'me', host: 'box', port: 2222, jump: 'gate' }
  const words = sshWordsOf({ destination, sshWords: ['-F', 'x'], acceptNewHostKeys: true })
  expect(words.slice(words.indexOf('-F'))).toEqual([
    ...['-F', 'x', '-o', 'StrictHostKeyChecking=accept-new', '-J', 'gate', '-l', 'me'],
    ...['-p', '2222', '--', 'box'],
  ])
})
