import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** A network of its own with nothing but a loopback device, and few ports that a client can be given. */
export interface SmallNetwork {
  /** Words to put before a command that is to run in it. */
  readonly within: readonly string[]
  /** Gives it another address. */
  add(address: string): void
  /** Starts a server that upgrades and says nothing, on so many ports in a row, the first of which it gives. */
  serve(ports: number): Promise<number>
}

const run = (...words: readonly string[]): void =>
  void execFileSync('ip', words, { stdio: ['ignore', 'pipe', 'pipe'] })

/** Why no network can be had here; undefined when one can. */
export function tryNetwork(): string | undefined {
  const name = `rushertry${process.pid}`
  try {
    run('netns', 'add', name)
    run('netns', 'del', name)
    return undefined
  } catch (error) {
    return `source ports are tested in a network of their own, which needs root on Linux and iproute2 (${error})`
  }
}

/** Makes one whose source ports are `first` to `last`. When the test has ended it is gone, with what runs in it. */
export function smallNetwork(first: number, last: number): SmallNetwork {
  const name = `rusher${randomBytes(4).toString('hex')}`
  const within = ['ip', 'netns', 'exec', name]
  run('netns', 'add', name)
  onTestFinished(() => run('netns', 'del', name))
  run('-n', name, 'link', 'set', 'lo', 'up')
  run('netns', 'exec', name, 'sysctl', '-qw', `net.ipv4.ip_local_port_range=${first} ${last}`)
  return {
    within,
    add: (address) => run('-n', name, 'address', 'add', `${address}/32`, 'dev', 'lo'),
    async serve(ports) {
      const path = fileURLToPath(new URL('./quiet-server-child.ts', import.meta.url))
      const [command = '', ...words] = [...within, process.execPath, path, '20000', String(ports)]
      const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'] })
      onTestFinished(async () => {
        child.kill('SIGKILL')
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      })
      await once(createInterface({ input: child.stdout }), 'line')
      return 20_000
    },
  }
}
