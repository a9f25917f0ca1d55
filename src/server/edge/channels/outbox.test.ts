import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { TextFrame } from '../../transport/text-frame.ts'
import type { Transport } from '../../transport/transport.ts'
import { createChunk } from './message-chunk.ts'
import { createOutbox } from './outbox.ts'
import { createSession, type Session } from './session.ts'

const textOf = ({ bytes, headBytes }: TextFrame): string => bytes.toString('utf8', headBytes)

function stage(count: number) {
  const sent: string[][] = []
  const sessions = Array.from({ length: count }, (_, no): Session => {
    const own: string[] = []
    sent.push(own)
    const transport = {
      bufferedBytes: 0,
      send: (frame: TextFrame) => void own.push(textOf(frame)),
    } satisfies Partial<Transport>
    return createSession(no, transport as unknown as Transport, 0)
  })
  const metrics = { delivered: () => undefined }
  const outbox = createOutbox(
    { outboxSoftBytes: 1_000 },
    metrics,
    () => undefined,
    (error) => {
      throw error
    },
  )
  const served = (): number => sent.filter((own) => own.length > 0).length
  return { sessions, sent, served, outbox }
}

test('what a turn offers a session goes out in one frame at its end', async () => {
  const { sessions, sent, outbox } = stage(2)
  const chunk = createChunk(['1'])
  for (const session of sessions) outbox.offer(session, chunk)
  for (const session of sessions.slice(0, 1)) outbox.offer(session, '2')
  expect(sent).toEqual([[], []])
  await turn()
  expect(sent).toEqual([['[1,2]'], ['1']])
})

test('very many sessions are served in several turns, in order, and other work has its turns between', async () => {
  const { sessions, sent, served, outbox } = stage(5_000)
  const chunk = createChunk(['1'])
  for (const session of sessions) outbox.offer(session, chunk)
  const seen: number[] = []
  while (served() < sessions.length) {
    await turn()
    expect(sent.findIndex((own) => own.length === 0)).toBe(
      served() === sessions.length ? -1 : served(),
    )
    seen.push(served())
  }
  expect(seen.length).toBeGreaterThan(3)
  expect(sent.every((own) => own.join() === '1')).toBe(true)
})

test('who still waits gets what is offered meanwhile in the same frame, and who does not in another', async () => {
  const { sessions, sent, outbox } = stage(5_000)
  const offer = (text: string): void => {
    const chunk = createChunk([text])
    for (const session of sessions) outbox.offer(session, chunk)
  }
  offer('1')
  await turn()
  offer('2')
  while (sent.some((own) => !own.join().includes('2'))) await turn()
  expect(sent[0]).toEqual(['1', '2'])
  expect(sent.at(-1)).toEqual(['[1,2]'])
})

test('what is to be done after a sending waits for the turns that it takes', async () => {
  const { sessions, served, outbox } = stage(5_000)
  const chunk = createChunk(['1'])
  for (const session of sessions) outbox.offer(session, chunk)
  const done = Promise.withResolvers<number>()
  outbox.afterFlush(() => done.resolve(served()))
  expect(await done.promise).toBe(sessions.length)
})
