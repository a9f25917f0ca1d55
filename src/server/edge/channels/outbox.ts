import type { Limits } from '../../../protocol/index.ts'
import type { EdgeMetrics } from '../../metrics/metrics.ts'
import { encodeTextFrame, type TextFrame } from '../../transport/text-frame.ts'
import { type Chunk, frameCharsMax } from './message-chunk.ts'
import type { Session } from './session.ts'

/** Writes after which other work has its turn: 20 ms of them. */
const writesPerTurnMax = 1_024

/**
 * Sends queued messages: one frame and one write per session, at the end of the event-loop turn.
 * With very many sessions some wait for the next turns, and messages queued meanwhile join the same
 * frame. `failed` is called with a session whose messages were lost.
 */
export interface Outbox {
  offer(session: Session, item: Chunk | string): void
  /** Sends at once what waits for this session; for a last word before it is closed. */
  flush(session: Session): void
  /** The answers to what came with its connect are there: what waited for them is sent with them, in one write. */
  release(session: Session): void
  /** Calls `then` when what was offered before is sent. */
  afterFlush(then: () => void): void
}

export function createOutbox(
  limits: Pick<Limits, 'outboxSoftBytes'>,
  metrics: Pick<EdgeMetrics, 'delivered'>,
  congest: (session: Session) => void,
  failed: (error: unknown, session?: Session) => void,
): Outbox {
  /** Sessions to send to and what to call between them, in order. */
  const steps: (Session | (() => void))[] = []
  let scheduled = false

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    setImmediate(flushSome)
  }

  function flushSome(): void {
    scheduled = false
    for (const step of steps.splice(0, writesPerTurnMax)) {
      // A failure affects only this session; the others still get their frames.
      try {
        if (typeof step === 'function') step()
        else flush(step)
      } catch (error) {
        failed(error, typeof step === 'function' ? undefined : step)
      }
    }
    if (steps.length > 0) schedule()
  }

  function flush(session: Session): void {
    const { out } = session
    if (out === undefined || session.isHeld) return
    session.out = undefined
    if (session.state === 'closed') return
    const [only] = out
    if (out.length === 1 && typeof only === 'object') {
      only.frame ??= encodeFrame(only.text, only.messages)
      write(session, only.frame, only.messages)
    } else writeAll(session, out)
    if (!session.congested && session.transport.bufferedBytes > limits.outboxSoftBytes)
      congest(session)
  }

  function writeAll(session: Session, out: readonly (Chunk | string)[]): void {
    let text = ''
    let messages = 0
    for (const item of out) {
      const part = typeof item === 'string' ? item : item.text
      if (messages > 0 && text.length + part.length > frameCharsMax) {
        write(session, encodeFrame(text, messages), messages)
        text = ''
        messages = 0
      }
      text = messages === 0 ? part : `${text},${part}`
      messages += typeof item === 'string' ? 1 : item.messages
    }
    write(session, encodeFrame(text, messages), messages)
  }

  function write(session: Session, frame: TextFrame, messages: number): void {
    session.transport.send(frame)
    metrics.delivered(messages, 1, frame.bytes.length)
  }

  return {
    flush,
    offer(session, item) {
      if (session.out === undefined) {
        session.out = [item]
        steps.push(session)
        schedule()
      } else session.out.push(item)
    },
    release(session) {
      session.isHeld = false
      if (session.out === undefined) return
      steps.push(session)
      schedule()
    },
    afterFlush(then) {
      steps.push(then)
      schedule()
    },
  }
}

function encodeFrame(text: string, messages: number): TextFrame {
  return encodeTextFrame(messages === 1 ? text : `[${text}]`)
}
