import type {
  FailureExample,
  FromRunner,
  HostFacts,
  Share,
  Tick,
  ToRunner,
} from '../control/messages.ts'
import type { RunnerLine } from '../host/host.ts'
import { type Ledger, ledgerOfDead } from '../ledger/ledger.ts'
import type { Plan } from '../plan/plan.ts'
import { type ClockOffset, estimateOffset } from './clock-offset.ts'

/** A host whose runner answers, and the workers that it is to have. */
export interface OpenHost {
  readonly name: string
  readonly line: RunnerLine
  readonly facts: HostFacts
  readonly shares: readonly Share[]
}

export interface WorkerState {
  readonly host: string
  readonly share: Share
  state: 'preparing' | 'running' | 'dead' | 'done'
  pid: number | undefined
  /** What it last told; its ledger stands for it until the next. */
  last: Tick | undefined
  /** On our clock. */
  heardMs: number
  /** What came since it was last gathered. */
  ticks: Tick[]
  whole: boolean
}

/** All hosts of a run, spoken to as one. */
export interface Fleet {
  readonly hosts: readonly OpenHost[]
  readonly workers: readonly WorkerState[]
  prepare(plan: Plan): Promise<void>
  send(message: ToRunner): void
  /** Tells every host when a phase begins, in its own time: `inMs` from now. */
  phase(message: Omit<Extract<ToRunner, { type: 'phase' }>, 'type' | 'at'>, inMs: number): void
  /** Asks every host for its clock, and remembers the surest answer. */
  askClocks(): void
  clockOf(host: string): ClockOffset | undefined
  ledgerOf(worker: WorkerState): Ledger | undefined
  /** True when no worker is left that could tell anything. */
  isFinished(): boolean
  end(): Promise<void>
  kill(): void
}

export interface FleetEvents {
  example(example: FailureExample): void
  history(host: string, part: Extract<FromRunner, { type: 'history' }>['part']): void
  fault(text: string): void
  /** A scenario found something wrong in the end. */
  broken(text: string): void
  /** Something changed that should not wait for the next second. */
  changed(): void
}

export function createFleet(
  hosts: readonly OpenHost[],
  now: () => number,
  events: FleetEvents,
): Fleet {
  const workers: WorkerState[] = hosts.flatMap(({ name, shares }) =>
    shares.map((share) => ({
      host: name,
      share,
      state: 'preparing' as const,
      pid: undefined,
      last: undefined,
      heardMs: now(),
      ticks: [],
      whole: true,
    })),
  )
  const byNumber = new Map(workers.map((worker) => [worker.share.worker, worker]))
  const clocks = new Map<string, ClockOffset>()
  const asked = new Map<string, { readonly sentMs: number; readonly host: string }>()
  const prepared = Promise.withResolvers<void>()
  let lastNo = 0

  function settle(): void {
    if (workers.every(({ state }) => state !== 'preparing')) prepared.resolve()
    events.changed()
  }

  function bury(worker: WorkerState, how: string): void {
    if (worker.state === 'dead' || worker.state === 'done') return
    worker.state = 'dead'
    worker.whole = false
    events.fault(`${worker.host}: worker ${worker.share.worker} died: ${how}`)
    settle()
  }

  function take(host: OpenHost, message: FromRunner): void {
    switch (message.type) {
      case 'tick': {
        const worker = byNumber.get(message.worker)
        if (worker === undefined) return
        worker.last = message
        worker.heardMs = now()
        worker.ticks.push(message)
        return
      }
      case 'prepared': {
        const worker = byNumber.get(message.worker)
        if (worker === undefined || worker.state !== 'preparing') return
        worker.state = 'running'
        worker.pid = message.pid
        worker.heardMs = now()
        return settle()
      }
      case 'clock': {
        const question = asked.get(`${host.name} ${message.no}`)
        asked.delete(`${host.name} ${message.no}`)
        if (question === undefined) return
        const heardMs = now()
        const estimate = estimateOffset(clocks.get(host.name), {
          sentMs: question.sentMs,
          heardMs,
          at: message.at,
          wallMs: message.wallMs,
        })
        clocks.set(host.name, estimate)
        return
      }
      case 'example':
        return events.example(message.example)
      case 'history':
        return events.history(host.name, message.part)
      case 'done': {
        const worker = byNumber.get(message.worker)
        if (worker === undefined) return
        worker.state = 'done'
        worker.whole = message.whole
        for (const fault of message.faults) events.broken(fault)
        return settle()
      }
      case 'worker_died': {
        const worker = byNumber.get(message.worker)
        if (worker !== undefined) bury(worker, message.how)
        return
      }
      case 'fault':
        return events.fault(`${host.name}: ${message.message}`)
      case 'hello':
        return
      default:
        return message satisfies never
    }
  }

  for (const host of hosts) {
    host.line.onMessage((message) => take(host, message))
    void host.line.closed.then((how) => {
      for (const worker of workers) if (worker.host === host.name) bury(worker, `its host: ${how}`)
    })
  }

  const send = (message: ToRunner): void => {
    for (const { line } of hosts) line.send(message)
  }

  return {
    hosts,
    workers,
    send,
    prepare(plan) {
      for (const { line, shares } of hosts) line.send({ type: 'prepare', plan, workers: shares })
      return prepared.promise
    },
    phase(message, inMs) {
      for (const { name, line } of hosts) {
        const { offsetMs } = clocks.get(name) ?? { offsetMs: 0 }
        line.send({ type: 'phase', ...message, at: now() + offsetMs + inMs })
      }
    },
    askClocks() {
      for (const { name, line } of hosts) {
        lastNo += 1
        asked.set(`${name} ${lastNo}`, { sentMs: now(), host: name })
        line.send({ type: 'clock', no: lastNo })
      }
    },
    clockOf: (host) => clocks.get(host),
    ledgerOf: ({ last, state }) =>
      last === undefined ? undefined : state === 'dead' ? ledgerOfDead(last.ledger) : last.ledger,
    isFinished: () => workers.every(({ state }) => state === 'done' || state === 'dead'),
    async end() {
      send({ type: 'end' })
      const late = new Promise<void>((resolve) => setTimeout(resolve, 3_000).unref())
      await Promise.race([Promise.all(hosts.map(({ line }) => line.closed)), late])
      for (const { line } of hosts) line.kill()
    },
    kill() {
      for (const { line } of hosts) line.kill()
    },
  }
}
