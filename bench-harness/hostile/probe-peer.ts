import { setTimeout as pause } from 'node:timers/promises'
import { createHistogram } from '../histogram/histogram.ts'
import { openSession } from '../quick/dialects.ts'
import { answerParent, type Fields, numberOf } from '../quick/peer-port.ts'
import { packHistogram } from '../scale/packed-histogram.ts'
import { eachReply } from '../scale/replies.ts'

/* An honest session in its own room: it publishes at fixed times and measures each reply. */

const everyMs = 10
const drainMs = 60_000

let run = 0

/** Publishes for so long; each latency counts from when the publish was due. */
async function probe(fields: Fields): Promise<Record<string, number | readonly number[]>> {
  run += 1
  const latency = createHistogram()
  const dueAt = new Map<number, number>()
  let refused = 0
  let acked = 0
  const opening = { dialect: 'rusher', channels: ['chat:honest'] } as const
  const session = await openSession(
    { ...opening, port: numberOf(fields, 'port'), user: `honest-${run}` },
    (frame) =>
      eachReply(frame, (ref, isRefused) => {
        const dueMs = dueAt.get(ref)
        if (dueMs === undefined) return
        dueAt.delete(ref)
        if (isRefused) refused += 1
        else acked += 1
        latency.record(performance.now() - dueMs)
      }),
  )
  const startMs = performance.now() + everyMs
  const count = Math.ceil(numberOf(fields, 'ms') / everyMs)
  for (let no = 0; no < count; no += 1) {
    const dueMs = startMs + no * everyMs
    await pause(Math.max(0, dueMs - performance.now()))
    const ref = 100 + no
    dueAt.set(ref, dueMs)
    const body = { kind: 'say', text: 'still here' }
    session.send(
      JSON.stringify([
        { type: 'publish', ref, channel: 'chat:honest', id: `${run}-${process.pid}-${no}`, body },
      ]),
    )
  }
  const endMs = performance.now() + drainMs
  while (dueAt.size > 0 && performance.now() < endMs) await pause(20)
  session.reset()
  return {
    sent: count,
    acked,
    refused,
    unanswered: dueAt.size,
    latency: packHistogram(latency.encode()),
  }
}

answerParent({ probe })
