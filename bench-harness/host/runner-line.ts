import { createLineSplitter } from '../control/line-splitter.ts'
import type { FromRunner, ToRunner } from '../control/messages.ts'
import { parseFromRunner } from '../control/parse-message.ts'
import type { Child } from './child.ts'
import type { RunnerLine } from './host.ts'

/** A controller that is busy for a few seconds is still there; see `runner/silence.ts`. */
const beatMs = 2_000

/** Until the first word of a runner comes: Node's start on a machine that has much to do. */
const helloMs = 30_000

/**
 * Speaks with a runner that a child leads to. Resolves when it has said hello; rejects with an `Error` that says why it did not. A runner that says
 * something that is no message is cut off.
 */
export function openRunnerLine(child: Child, bundle: string): Promise<RunnerLine> {
  let listener: ((message: FromRunner) => void) | undefined
  let early: FromRunner[] = []
  let refusal: string | undefined
  const hello = Promise.withResolvers<Extract<FromRunner, { type: 'hello' }>>()

  const cutOff = (why: string): void => {
    refusal ??= why
    child.kill()
  }
  const split = createLineSplitter(
    (text) => {
      if (refusal !== undefined) return
      const message = parseFromRunner(text)
      if ('refused' in message) return cutOff(`its runner sent ${message.refused}`)
      if (message.type === 'hello') hello.resolve(message)
      else if (listener === undefined) early.push(message)
      else listener(message)
    },
    () => cutOff('its runner sent a line without end'),
  )
  child.stdout.on('data', split).resume()

  const closed = child.ended.then((how) => refusal ?? how)
  const send = (message: ToRunner): void => {
    if (child.stdin.writable) child.stdin.write(`${JSON.stringify(message)}\n`)
  }
  const beat = setInterval(() => send({ type: 'beat' }), beatMs).unref()
  const late = setTimeout(() => cutOff(`its runner said nothing for ${helloMs / 1_000} s`), helloMs)
  void closed.then((how) => {
    clearInterval(beat)
    hello.reject(new Error(how))
  })

  return hello.promise
    .then(({ facts, bundle: theirs }) => {
      if (theirs === bundle)
        return {
          facts,
          send,
          onMessage(next: (message: FromRunner) => void) {
            listener = next
            const due = early
            early = []
            for (const message of due) next(message)
          },
          closed,
          kill: child.kill,
        }
      child.kill()
      throw new Error(
        `the worker's program on it is not ours (sha256 ${theirs.slice(0, 12)}, expected ${bundle.slice(0, 12)}); remove it with: rusher bench clean`,
      )
    })
    .finally(() => clearTimeout(late))
}
