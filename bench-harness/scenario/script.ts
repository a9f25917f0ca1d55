import { exponential } from '../plan/random.ts'
import {
  fillText,
  type SetStep,
  type TsungScript,
  type TsungStep,
  userNumberVariable,
} from '../tsung/script.ts'
import { opcodes } from '../wire/frames.ts'
import type { Connection } from '../worker/connection.ts'
import { createDueQueue } from './due-queue.ts'
import { defineScenario, type ScenarioPart, type ScenarioWorker } from './scenario.ts'

/** A Rusher ends sessions that do not answer its pings. Tsung's users cannot; ours do, so that what is held is what was opened. */
const pingMark = Buffer.from('"type":"ping"')

/** What a user waits for before its next step. */
type Waits = { readonly ms: number } | { readonly heard: true; readonly sinceMs: number }

interface User {
  readonly connection: Connection
  readonly steps: Generator<Waits, void>
  heardSinceMs: number | undefined
}

/** Users of a Tsung script, step by step. The first `connect` has happened when a user begins here; a later one is the end. */
export function playing(worker: ScenarioWorker, script: TsungScript): ScenarioPart {
  const users = new Map<Connection, User>()
  const thinking = createDueQueue<User>()

  function goOn(user: User): void {
    const next = user.steps.next()
    if (next.done === true) return end(user)
    if ('ms' in next.value) thinking.push(worker.now() + next.value.ms, user)
    else user.heardSinceMs = next.value.sinceMs
  }

  function end(user: User): void {
    users.delete(user.connection)
    worker.close(user.connection)
  }

  return {
    channelsOf: () => [],
    nextMs: () => thinking.nextMs,
    due(nowMs) {
      for (let user = thinking.take(nowMs); user !== undefined; user = thinking.take(nowMs))
        if (users.get(user.connection) === user) goOn(user)
    },
    ready(connection) {
      const session = chosen(script, worker.random())
      const variables = new Map([[userNumberVariable, String(connection.session + 1)]])
      const steps = play(worker, connection, withoutFirstConnect(session?.steps ?? []), variables)
      const user: User = { connection, steps, heardSinceMs: undefined }
      users.set(connection, user)
      goOn(user)
    },
    gone: (connection) => void users.delete(connection),
    heard(connection, payload) {
      if (payload.includes(pingMark)) {
        worker.raw(connection, opcodes.text, '{"type":"pong"}')
        // A longer frame has something else beside the ping.
        if (payload.length < 128) return true
      }
      const user = users.get(connection)
      if (user?.heardSinceMs === undefined) return true
      worker.record('echo', worker.now() - user.heardSinceMs)
      user.heardSinceMs = undefined
      goOn(user)
      return true
    },
  }
}

/** That a user is here means that it has connected; what it was to do before is done now. */
function withoutFirstConnect(steps: readonly TsungStep[]): readonly TsungStep[] {
  const first = steps.findIndex(({ kind }) => kind === 'connect')
  return steps.filter((_, index) => index !== first)
}

function chosen(
  { sessions }: TsungScript,
  share: number,
): TsungScript['sessions'][number] | undefined {
  const total = sessions.reduce((sum, { weight }) => sum + weight, 0)
  let left = share * total
  return sessions.find(({ weight }) => {
    left -= weight
    return left < 0
  })
}

function* play(
  worker: ScenarioWorker,
  connection: Connection,
  steps: readonly TsungStep[],
  variables: Map<string, string>,
): Generator<Waits, void> {
  for (const step of steps) {
    switch (step.kind) {
      case 'message': {
        const sinceMs = worker.now()
        const opcode = step.frame === 'text' ? opcodes.text : opcodes.binary
        worker.raw(connection, opcode, fillText(step.text, variables))
        if (step.awaitsAnswer) yield { heard: true, sinceMs }
        break
      }
      case 'hear':
        yield { heard: true, sinceMs: worker.now() }
        break
      case 'think':
        yield {
          ms: step.exponential ? exponential(step.meanMs, () => worker.random()) : step.meanMs,
        }
        break
      case 'think_between':
        yield { ms: step.fromMs + worker.random() * (step.toMs - step.fromMs) }
        break
      case 'set':
        set(worker, connection, step, variables)
        break
      case 'repeat':
        for (let no = 0; no < step.times; no += 1) {
          if (step.counter !== undefined)
            variables.set(step.counter.variable, String(step.counter.from + no * step.counter.step))
          yield* play(worker, connection, step.steps, variables)
        }
        break
      case 'connect':
      case 'close':
        return
      default:
        step satisfies never
    }
  }
}

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'

function set(
  worker: ScenarioWorker,
  { session }: Connection,
  { variables: names, value }: SetStep,
  variables: Map<string, string>,
): void {
  for (const name of names) variables.set(name, drawn())

  function drawn(): string {
    switch (value.kind) {
      case 'text':
        return value.text
      case 'random_text':
        return Array.from(
          { length: value.chars },
          () => letters[Math.floor(worker.random() * letters.length)] ?? 'a',
        ).join('')
      case 'random_number':
        return String(value.from + Math.floor(worker.random() * (value.to - value.from + 1)))
      case 'user_number':
        return String(session + 1)
      default:
        return value satisfies never
    }
  }
}

/** Whatever a Tsung configuration says; `rusher bench import` makes a plan of it. */
export const script = defineScenario({
  name: 'script',
  says: 'the users of an imported Tsung configuration; comes with `rusher bench import`',
  dialects: ['plain'],
  headline: 'echo',
  options: {},
  start(worker) {
    const { tsung } = worker.plan.scenario
    if (tsung === undefined) throw new Error('a script without a script')
    return playing(worker, tsung)
  },
})
