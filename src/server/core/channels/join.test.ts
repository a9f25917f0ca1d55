import { expect, test } from 'vitest'
import { RusherError, refuse } from '../../../protocol/index.ts'
import type { EdgeEnd } from '../../link/edge-end.ts'
import type { Answer } from '../../link/link.ts'
import { silentLog } from '../../log/log.ts'
import type { Channel } from './channel.ts'
import type { ChannelLog } from './channel-log.ts'
import { createJoinHandler, type JoinMessage } from './join.ts'

const edge = {} as EdgeEnd
const logOf = (head: number) => ({ state: { epoch: 'e', begin: 1, head } }) as unknown as ChannelLog

/** A channel that is open, or opens with `opened`, and knows who joined it. */
function channelOf(name: string, { log, opened }: { log?: ChannelLog; opened?: Promise<unknown> }) {
  const joined: unknown[] = []
  const subscribers = { join: (_edge: EdgeEnd, user: unknown) => joined.push(user) }
  const channel = { name, log, opened, subscribers, flush: () => undefined } as unknown as Channel
  return { channel, joined }
}

function joinsOf(channels: Map<string, Channel>) {
  const answers: Answer[] = []
  let isAttached = true
  const join = createJoinHandler({
    registry: {
      get: (name) => channels.get(name),
      unserved: () => refuse('BAD_CHANNEL'),
    },
    faults: { log: silentLog, metrics: { internalError: () => undefined } },
    attached: () => isAttached,
    reply: (_edge, _call, answer) => answers.push(answer),
  })
  const ask = (...names: readonly string[]): void =>
    join(edge, {
      kind: 'join',
      call: 1,
      user: { id: 'ada' },
      channels: names.map((channel) => ({ channel, presence: false, latest: false })),
    } as unknown as JoinMessage)
  return {
    ask,
    answers,
    detach() {
      isAttached = false
    },
  }
}

/** A join of `chat:a`, which is open, and of `chat:b`, which opens once it is resolved. */
function askForOpenAndSlow() {
  const open = channelOf('chat:a', { log: logOf(3) })
  const { promise, resolve } = Promise.withResolvers<ChannelLog>()
  const slow = channelOf('chat:b', { opened: promise })
  const known = new Map([open, slow].map(({ channel }) => [channel.name, channel]))
  const { ask, answers } = joinsOf(known)
  ask('chat:a', 'chat:b')
  return { open, known, answers, resolve }
}

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

test('channels that are open are entered at once', () => {
  const one = channelOf('chat:a', { log: logOf(3) })
  const { ask, answers } = joinsOf(new Map([['chat:a', one.channel]]))
  ask('chat:a')
  expect(answers).toEqual([
    { kind: 'joined', channels: [{ log: { epoch: 'e', begin: 1, head: 3 } }] },
  ])
  expect(one.joined).toEqual([{ id: 'ada' }])
})

test('all are entered in one turn, and none before the last is open', async () => {
  const { open, answers, resolve } = askForOpenAndSlow()
  await settled()
  expect([answers, open.joined]).toEqual([[], []])
  resolve(logOf(7))
  await settled()
  expect(answers).toMatchObject([{ channels: [{ log: { head: 3 } }, { log: { head: 7 } }] }])
  expect(open.joined).toHaveLength(1)
})

test('a channel that was let go while another of the join was waited for is refused, to be tried again', async () => {
  const { open, known, answers, resolve } = askForOpenAndSlow()
  const another = channelOf('chat:a', { log: logOf(3) })
  known.set('chat:a', another.channel)
  resolve(logOf(7))
  await settled()
  expect(answers).toMatchObject([
    {
      channels: [
        { refusal: { code: 'STORAGE_UNAVAILABLE', retryAfterMs: 1_000 } },
        { log: { head: 7 } },
      ],
    },
  ])
  expect([open.joined, another.joined]).toEqual([[], []])
})

test('a channel that cannot be opened is refused, and the others are joined', async () => {
  const open = channelOf('chat:a', { log: logOf(3) })
  const opened = Promise.reject(new RusherError('STORAGE_CORRUPT', 'damaged'))
  const damaged = channelOf('chat:b', { opened })
  const known = new Map([open, damaged].map(({ channel }) => [channel.name, channel]))
  const { ask, answers } = joinsOf(known)
  ask('chat:b', 'chat:a', 'chat:?')
  await settled()
  expect(answers).toMatchObject([
    {
      channels: [
        { refusal: { code: 'STORAGE_UNAVAILABLE' } },
        { log: { head: 3 } },
        { refusal: { code: 'BAD_CHANNEL' } },
      ],
    },
  ])
})

test('an edge that is gone by then enters nothing', async () => {
  const { promise, resolve } = Promise.withResolvers<ChannelLog>()
  const slow = channelOf('chat:b', { opened: promise })
  const { ask, answers, detach } = joinsOf(new Map([['chat:b', slow.channel]]))
  ask('chat:b')
  detach()
  resolve(logOf(7))
  await settled()
  expect([answers, slow.joined]).toEqual([[], []])
})
