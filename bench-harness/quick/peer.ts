import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Answer, Fields, Figures, Question } from './peer-port.ts'

/** A child process of the bench that answers questions. */
export interface Peer {
  readonly pid: number
  ask(kind: string, fields?: Fields): Promise<Figures>
  /** Ends it at once, and waits until it is gone. */
  stop(): Promise<void>
}

type PeerName =
  | 'quick/session-peer'
  | 'quick/publishing-peer'
  | 'quick/bare-echo-peer'
  | 'quick/bare-fan-out-peer'
  | 'quick/commit-peer'
  | 'hostile/attacker-peer'
  | 'hostile/http-attacker-peer'
  | 'hostile/probe-peer'
  | 'scale/bare-upgrade-peer'
  | 'scale/connecting-peer'
  | 'scale/member-peer'
  | 'scale/rate-peer'

/** No question takes as long as this. */
const answerMs = 300_000

/** Starts a program of the bench by its folder and name. `preload` is a module that it imports before its own. */
export function startPeer(name: PeerName, preload?: URL): Peer {
  const child = fork(fileURLToPath(new URL(`../${name}.js`, import.meta.url)), {
    execArgv: preload === undefined ? [] : ['--import', preload.href],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const asked = new Map<number, PromiseWithResolvers<Figures>>()
  let lastNo = 0
  child.on('message', (answer: Answer) => {
    const waiting = asked.get(answer.no)
    asked.delete(answer.no)
    if ('fault' in answer) waiting?.reject(new Error(`${name}: ${answer.fault}`))
    else waiting?.resolve(answer.figures)
  })
  child.on('exit', () => {
    for (const { reject } of asked.values()) reject(new Error(`${name} ended before it answered`))
    asked.clear()
  })
  return {
    pid: pidOf(child),
    ask(kind, fields = {}) {
      lastNo += 1
      const waiting = Promise.withResolvers<Figures>()
      const late = new Error(`${name} has not answered '${kind}' for ${answerMs / 1_000} s`)
      const timer = setTimeout(() => waiting.reject(late), answerMs)
      asked.set(lastNo, waiting)
      child.send({ no: lastNo, kind, fields } satisfies Question)
      return waiting.promise.finally(() => clearTimeout(timer))
    },
    stop: () => endChild(child),
  }
}

export function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('a child process could not be started')
  return pid
}

/** Ends a child of this process at once and waits until it is gone. */
export function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}
