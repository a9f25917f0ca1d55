import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { isAlive } from '../../parts/processes.ts'
import { temporaryDirectory } from '../../parts/temporary-directory.ts'
import { until } from '../../parts/until.ts'

/** Machines in all but their kernel: each a network namespace with a sshd, a home folder and a PATH of its own. */
export interface Boxes {
  /** How ssh is told of them; their names are box1, box2, ... */
  readonly sshWords: readonly string[]
  readonly names: readonly string[]
  /** The test's own address, as the boxes see it. */
  readonly ownAddress: string
  /** The folder that is the home of a box. */
  homeOf(name: string): string
  /** Takes its network away: nobody is told, packets just do not come any more. */
  cutOff(name: string): void
}

export interface BoxOptions {
  /** Whether there is a Node on them; yes, when it is not said. */
  readonly node?: boolean
  /** Whether their keys are known; yes, when it is not said. */
  readonly known?: boolean
  readonly maxStartups?: string
}

/** Where a machine could have a Node that is not meant to be on a box. */
const nodePlaces = ['/usr/local/bin/node', '/usr/local/node/bin/node', '/opt/node/bin/node']
  .concat(['/opt/homebrew/bin/node', '/usr/bin/node'])
  .filter((path) => existsSync(path))

const run = (file: string, ...words: readonly string[]): string =>
  execFileSync(file, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

/** Why no boxes can be had here; undefined when they can. */
export function tryBoxes(): string | undefined {
  const needed = [
    ['ip', 'iproute2'],
    ['ssh', 'openssh-client'],
    ['ssh-keygen', 'openssh-client'],
    ['/usr/sbin/sshd', 'openssh-server'],
    ['faketime', 'faketime'],
  ] as const
  for (const [command, debianPackage] of needed) {
    try {
      run('sh', '-c', 'command -v "$0"', command)
    } catch (error) {
      return `hosts are tested on boxes that need ${command}, of Debian's package ${debianPackage} (${error})`
    }
  }
  const name = `${prefixOf(process.pid)}try`
  try {
    run('ip', 'netns', 'add', name)
    run('ip', 'netns', 'del', name)
    return undefined
  } catch (error) {
    return `hosts are tested on boxes that are network namespaces, which needs root on Linux (${error})`
  }
}

/** Makes boxes, which are gone when the test has ended, whichever way. */
export async function makeBoxes(count: number, options: BoxOptions = {}): Promise<Boxes> {
  removeAbandoned()
  const folder = temporaryDirectory()
  chmodSync(folder, 0o700)
  keyPair(join(folder, 'id'))
  const names = Array.from({ length: count }, (_, index) => `box${index + 1}`)
  const net = `10.${100 + (process.pid % 100)}`
  const addressOf = (index: number): string => `${net}.${index + 1}.2`
  for (const [index, name] of names.entries())
    await startBox(join(folder, name), index + 1, net, join(folder, 'id.pub'), options)

  const known = names.map((name, index) => {
    const key = run('ssh-keygen', '-y', '-f', join(folder, name, 'host-key')).trim()
    return `${addressOf(index)} ${key}\n`
  })
  writeFileSync(join(folder, 'known'), options.known === false ? '' : known.join(''))
  const hosts = names.map((name, index) => `Host ${name}\n  HostName ${addressOf(index)}\n`)
  const config = `${hosts.join('')}Host *
  User root
  IdentityFile ${join(folder, 'id')}
  IdentitiesOnly yes
  UserKnownHostsFile ${join(folder, 'known')}
  GlobalKnownHostsFile /dev/null
`
  writeFileSync(join(folder, 'config'), config)
  return {
    sshWords: ['-F', join(folder, 'config')],
    names,
    ownAddress: `${net}.1.1`,
    homeOf: (name) => join(folder, name, 'home'),
    cutOff(name) {
      run('ip', 'link', 'set', `${prefixOf(process.pid)}${names.indexOf(name) + 1}o`, 'down')
    },
  }
}

async function startBox(
  folder: string,
  no: number,
  net: string,
  publicKey: string,
  { node = true, maxStartups = '10:30:100' }: BoxOptions,
): Promise<void> {
  const space = `${prefixOf(process.pid)}${no}`
  const [ours, theirs] = [`${space}o`, `${space}t`]
  const home = join(folder, 'home')
  const programs = join(folder, 'bin')
  mkdirSync(home, { recursive: true })
  mkdirSync(programs)
  if (node) symlinkSync(process.execPath, join(programs, 'node'))
  keyPair(join(folder, 'host-key'))

  onTestFinished(() => removeSpace(space))
  run('ip', 'netns', 'add', space)
  run('ip', 'link', 'add', ours, 'type', 'veth', 'peer', 'name', theirs, 'netns', space)
  run('ip', 'address', 'add', `${net}.${no}.1/30`, 'dev', ours)
  run('ip', 'link', 'set', ours, 'up')
  run('ip', '-n', space, 'address', 'add', `${net}.${no}.2/30`, 'dev', theirs)
  run('ip', '-n', space, 'link', 'set', theirs, 'up')
  run('ip', '-n', space, 'link', 'set', 'lo', 'up')
  run('ip', '-n', space, 'route', 'add', 'default', 'via', `${net}.${no}.1`)

  writeFileSync(
    join(folder, 'sshd'),
    `ListenAddress ${net}.${no}.2
HostKey ${join(folder, 'host-key')}
AuthorizedKeysFile ${publicKey}
StrictModes no
UsePAM no
PidFile none
PermitRootLogin prohibit-password
MaxStartups ${maxStartups}
SetEnv HOME=${home} PATH=${programs}:/usr/bin:/bin
`,
  )
  // The mounts are seen in the box only: "ip netns exec" gives it a mount namespace of its own.
  const hide = nodePlaces.map((path) => `mount --bind /dev/null ${path} && `).join('')
  const start = `${hide}mkdir -p /run/sshd && exec /usr/sbin/sshd -D -e -f "$0"`
  spawn('ip', ['netns', 'exec', space, 'sh', '-c', start, join(folder, 'sshd')], {
    stdio: 'ignore',
  })
  await until(`the sshd of ${space} listens`, () => canConnect(`${net}.${no}.2`))
}

function canConnect(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(22, address)
    const settle = (is: boolean) => () => {
      socket.destroy()
      resolve(is)
    }
    socket.on('connect', settle(true)).on('error', settle(false))
  })
}

function keyPair(path: string): void {
  run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', path)
}

function prefixOf(pid: number): string {
  return `rb${pid}x`
}

function removeSpace(space: string): void {
  for (const pid of run('ip', 'netns', 'pids', space).split('\n').filter(Boolean)) end(Number(pid))
  // By itself it would go some time after the last process.
  if (existsSync(`/sys/class/net/${space}o`)) run('ip', 'link', 'del', `${space}o`)
  run('ip', 'netns', 'del', space)
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // It went by itself.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Boxes of a test that was itself killed. */
function removeAbandoned(): void {
  for (const name of existsSync('/run/netns') ? readdirSync('/run/netns') : []) {
    const owner = /^rb(\d+)x/.exec(name)?.[1]
    if (owner !== undefined && !isAlive(Number(owner))) removeSpace(name)
  }
}
