import { openSession } from './dialects.ts'
import { answerParent, type Fields, numberOf, textOf } from './peer-port.ts'
import { countIn, type RawSession } from './raw-session.ts'

/* Clients that each keep so many publishes unanswered, and time every answer. */

const reply = Buffer.from('"type":"reply"')
const refused = Buffer.from('"error"')
const channelsCount = 100

interface Load {
  readonly inFlight: number
  readonly text: string
  /** When the counted time begins and ends, by the monotonic clock. */
  readonly fromMs: number
  readonly endMs: number
  acked: number
  ackedInTime: number
  readonly waits: number[]
  readonly clients: Set<number>
  readonly finished: () => void
}

let sent = 0

async function publish(fields: Fields): Promise<Record<string, number>> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const count = numberOf(fields, 'clients')
  const fromMs = performance.now() + numberOf(fields, 'warmMs')
  const load: Load = {
    inFlight: numberOf(fields, 'inFlight'),
    text: textOf(fields, 'text'),
    fromMs,
    endMs: fromMs + numberOf(fields, 'ms'),
    acked: 0,
    ackedInTime: 0,
    waits: [],
    clients: new Set(),
    finished: resolve,
  }
  const port = numberOf(fields, 'port')
  for (let no = 0; no < count; no += 1) await startClient(load, port, no)
  await promise
  return figuresOf(load)
}

async function startClient(load: Load, port: number, no: number): Promise<void> {
  // Answers come in the order of the questions, since one client's publishes go to the log in order.
  const sentAt: number[] = []
  let answered = 0
  load.clients.add(no)
  const session = await openSession(
    { dialect: 'rusher', port, user: `publisher-${no}`, channels: [] },
    (frame) => {
      if (frame.includes(refused)) throw new Error(`a publish was refused: ${frame}`)
      const now = performance.now()
      const answers = countIn(frame, reply)
      for (let left = answers; left > 0; left -= 1) {
        note(load, now, sentAt[answered % load.inFlight] ?? now)
        answered += 1
      }
      if (now < load.endMs) send(answers)
      else if (answered === sentSoFar) end(load, no)
    },
  )
  let sentSoFar = 0
  function send(count: number): void {
    const now = performance.now()
    for (let left = count; left > 0; left -= 1) {
      sentAt[sentSoFar % load.inFlight] = now
      sentSoFar += 1
    }
    sendFrames(session, count, load.text)
  }
  send(load.inFlight)
}

function note(load: Load, now: number, sentMs: number): void {
  load.acked += 1
  if (now < load.fromMs || now >= load.endMs) return
  load.ackedInTime += 1
  load.waits.push(now - sentMs)
}

function end(load: Load, no: number): void {
  load.clients.delete(no)
  if (load.clients.size === 0) load.finished()
}

/** What a client has to say goes into one frame, as our own client sends what it was given in one turn. */
function sendFrames(session: RawSession, count: number, text: string): void {
  const commands: string[] = []
  for (let left = count; left > 0; left -= 1) {
    sent += 1
    commands.push(
      `{"type":"publish","ref":${sent},"channel":"chat:c${sent % channelsCount}","id":"p${process.pid}-${sent}","body":{"kind":"say","text":"${text}"}}`,
    )
  }
  if (commands.length > 0) session.send(`[${commands.join(',')}]`)
}

function figuresOf({ waits, fromMs, endMs, acked, ackedInTime }: Load): Record<string, number> {
  const sorted = Float64Array.from(waits).sort()
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0
  return {
    acked,
    perSecond: ackedInTime / ((endMs - fromMs) / 1_000),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: sorted.at(-1) ?? 0,
  }
}

answerParent({ publish })
