import { duplexPair } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { serialize } from 'node:v8'
import { expect, test } from 'vitest'
import type { RusherError } from '../../protocol/index.ts'
import { createProcessLinkEnd } from './process-link.ts'

type Message = { readonly no: number; readonly deep?: unknown }

const nested = (depth: number): unknown => {
  let value: unknown = 0
  for (let left = depth; left > 0; left -= 1) value = [value]
  return value
}

function openPair(receive: (message: Message) => void = () => undefined) {
  const [left, right] = duplexPair()
  const seen = {
    received: [] as number[],
    unsent: [] as number[],
    faults: [] as unknown[],
    ended: [] as (RusherError | undefined)[],
  }
  const sender = createProcessLinkEnd<Message, never>(left, {
    receive: () => undefined,
    ended: () => undefined,
    unsent: ({ no }) => void seen.unsent.push(no),
    failed: (error) => void seen.faults.push(error),
  })
  createProcessLinkEnd<never, Message>(right, {
    receive(message) {
      receive(message)
      seen.received.push(message.no)
    },
    ended: (cause) => void seen.ended.push(cause),
    failed: (error) => void seen.faults.push(error),
  })
  return { ...seen, sender, left }
}

async function settle(): Promise<void> {
  for (let turns = 0; turns < 10; turns += 1) await setImmediate()
}

test('a message that cannot be encoded is reported, and all others arrive in order', async () => {
  const { sender, received, unsent, faults, ended } = openPair()
  for (const no of [1, 2, 3, 4, 5]) {
    sender.send({ no, ...(no % 2 === 0 ? { deep: nested(100_000) } : {}) })
  }
  await settle()
  sender.send({ no: 6 })
  await settle()
  expect(received).toEqual([1, 3, 5, 6])
  expect(unsent).toEqual([2, 4])
  expect(faults.length).toBeGreaterThanOrEqual(2)
  expect(ended).toEqual([])
})

test('a message whose handler throws is reported, and later ones are handled', async () => {
  const fault = new Error('a bug')
  const { sender, received, faults, ended } = openPair(({ no }) => {
    if (no === 2) throw fault
  })
  for (const no of [1, 2, 3]) sender.send({ no })
  await settle()
  expect(received).toEqual([1, 3])
  expect(faults).toEqual([fault])
  expect(ended).toEqual([])
})

test('bytes that cannot be decoded close the link with a cause', async () => {
  const { left, ended } = openPair()
  const body = serialize([{ no: 1 }]).fill(0xff, 2)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(body.length)
  left.write(Buffer.concat([length, body]))
  await settle()
  expect(ended).toMatchObject([{ code: 'LINK_FAILED', cause: expect.anything() }])
})
