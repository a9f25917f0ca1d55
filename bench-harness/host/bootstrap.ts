import { pipeline } from 'node:stream/promises'
import { createLineSplitter } from '../control/line-splitter.ts'
import { bundleName, nodeName } from './bootstrap-script.ts'
import type { Child } from './child.ts'
import { type OwnNode, whyNotRunnable } from './own-node.ts'
import { hasNewNode, nodeMajorMin, type Probe, parseProbe } from './probe.ts'
import type { WorkerBundle } from './worker-bundle.ts'

/** From ssh's start until the machine has said what it is; ssh itself gives up connecting after 10 s. */
const probeMs = 40_000
/** For the worker's program, and for a whole Node. */
const putMs = 60_000
const putNodeMs = 900_000
/** A disk that has less is full as soon as anything else is written. */
const diskSpareBytes = 8 * 1_024 * 1_024

/** Why a machine could not be used. */
export class BootstrapRefusal extends Error {
  /** True when the machine had not said anything yet: it may be that too many came at once. */
  readonly isEarly: boolean

  constructor(why: string, isEarly = false) {
    super(why)
    this.isEarly = isEarly
  }
}

export interface BootstrapOptions {
  readonly bundle: WorkerBundle
  /** May be sent where there is no Node. */
  readonly ownNode?: OwnNode
  /** The user's word on where Node is. */
  readonly node?: string
  /** Of the Node that runs the controller, as `v24.1.0`: what is advised. */
  readonly ourVersion: string
  /** Told when something is sent. */
  progress(text: string): void
}

/**
 * Brings a machine, on which the script of `bootstrap-script.ts` was started, to run the runner; what it says next is the runner's. Rejects with
 * a `BootstrapRefusal`, and has ended the child then.
 */
export async function bootstrap(child: Child, options: BootstrapOptions): Promise<Probe> {
  const talk = createTalk(child)
  try {
    const probe = parseProbe(await talk.until('probed', probeMs, true))
    const isShipped = await provideNode(talk, probe, options)
    const { bundle } = options
    if (!probe.hasBundle) {
      checkDisk(probe, bundle.bytes.length)
      options.progress("sending the worker's program")
      const name = bundleName(bundle.sha256)
      await talk.put(name, bundle.bytes.length, '600', putMs, async () => {
        child.stdin.write(bundle.bytes)
      })
    }
    talk.handOver(isShipped ? 'run shipped' : 'run found')
    return probe
  } catch (error) {
    child.kill()
    throw error
  }
}

/** True when the runner is to use the Node that was sent. */
async function provideNode(talk: Talk, probe: Probe, options: BootstrapOptions): Promise<boolean> {
  const { ownNode, progress } = options
  if (hasNewNode(probe)) return false
  if (ownNode === undefined) throw new BootstrapRefusal(whyNoNode(probe, options))
  const why = whyNotRunnable(ownNode, probe)
  if (why !== undefined)
    throw new BootstrapRefusal(`${whyNoNode(probe, options)} (--ship-node cannot help: ${why})`)
  if (probe.hasNode) return true
  checkDisk(probe, ownNode.bytes)
  progress(`sending Node ${ownNode.version} (${Math.round(ownNode.bytes / 1e6)} MB)`)
  const name = nodeName(ownNode.sha256)
  await talk.put(name, ownNode.bytes, '700', putNodeMs, (stdin) =>
    pipeline(ownNode.read(), stdin, { end: false }),
  )
  talk.say(`try ${name}`)
  await talk.done('the Node that was sent does not run on it', putMs)
  return true
}

function whyNoNode(
  { nodes, system, arch, libc }: Probe,
  { node, ourVersion }: Pick<BootstrapOptions, 'node' | 'ourVersion'>,
): string {
  const found = nodes.map(({ version, path }) => `${path} is ${version}`).join(', ')
  const seen = found === '' ? '' : ` (${found})`
  if (node !== undefined)
    return `node=${node} is no Node ${nodeMajorMin} or later there${seen}; correct it in the hosts file`
  const url = `https://nodejs.org/dist/${ourVersion}/node-${ourVersion}-${system}-${arch}.tar.gz`
  const install =
    libc === 'musl'
      ? 'apk add nodejs'
      : `mkdir -p ~/.local && curl -fsSL ${url} | tar -xz -C ~/.local --strip-components=1`
  return `it has no Node ${nodeMajorMin} or later${seen}. Run again with --ship-node, which sends it ours, or install one there: ${install}`
}

function checkDisk({ diskFreeBytes, folder }: Probe, bytes: number): void {
  if (diskFreeBytes === undefined || diskFreeBytes >= bytes + diskSpareBytes) return
  const free = `${Math.floor(diskFreeBytes / 1e6)} MB`
  throw new BootstrapRefusal(
    `its disk has ${free} free in ${folder}, and ${Math.ceil(bytes / 1e6)} MB are to go there; free some, or give another folder with dir=`,
  )
}

type Talk = ReturnType<typeof createTalk>

/** Questions and answers with the script. */
function createTalk(child: Child) {
  const lines: string[] = []
  let wake: (() => void) | undefined
  let how: string | undefined
  const split = createLineSplitter(
    (line) => {
      if (!line.startsWith('@rusher ')) return
      lines.push(line.slice('@rusher '.length))
      wake?.()
    },
    () => child.kill(),
  )
  child.stdout.on('data', split)
  void child.ended.then((text) => {
    how = text
    wake?.()
  })

  /** The lines up to one of these words, without it. */
  async function until(word: string, withinMs: number, isEarly = false): Promise<string[]> {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      wake?.()
    }, withinMs)
    try {
      for (;;) {
        const end = lines.findIndex((line) => line === word || line === 'failed')
        if (end >= 0) {
          const found = lines.splice(0, end + 1)
          if (found.pop() === word) return found
          throw new BootstrapRefusal(words(child, 'it could not store what was sent'))
        }
        if (how !== undefined) throw new BootstrapRefusal(how, isEarly && lines.length === 0)
        if (isLate)
          throw new BootstrapRefusal(words(child, `it did not answer for ${withinMs / 1_000} s`))
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    } finally {
      clearTimeout(timer)
    }
  }

  const say = (line: string): void => {
    child.stdin.write(`${line}\n`)
  }
  return {
    until,
    say,
    async done(what: string, withinMs: number): Promise<void> {
      try {
        await until('done', withinMs)
      } catch (error) {
        if (!(error instanceof BootstrapRefusal) || how !== undefined) throw error
        throw new BootstrapRefusal(words(child, what))
      }
    },
    async put(
      name: string,
      bytes: number,
      mode: string,
      withinMs: number,
      write: (stdin: Child['stdin']) => Promise<void>,
    ): Promise<void> {
      say(`put ${name} ${bytes} ${mode}`)
      await until('send', probeMs)
      // When it breaks off there is a better reason than that of the pipe: how the child ended.
      await write(child.stdin).catch(() => undefined)
      await until('done', withinMs)
    },
    handOver(line: string): void {
      child.stdout.pause()
      child.stdout.off('data', split)
      say(line)
    },
  }
}

function words(child: Child, what: string): string {
  return child.words() === '' ? what : `${what}: ${child.words()}`
}
