import { setTimeout as pause } from 'node:timers/promises'
import { ClientError, connect } from '../../src/client/index.ts'
import type { LogHistory } from '../../src/testing/history-checker.ts'

const pageEvents = 100
/** Channels that one reader reads at once. */
const atOnce = 4
/** Channels for which there is one reader: a server bounds the commands of each session, and a channel takes three of them. */
const channelsEach = 250
const readersMax = 64
/** A server that is busy with what the run left behind is asked again after this. */
const againMs = 500

type Client = ReturnType<typeof connect>

/**
 * Reads what channels hold, page by page, as any client could. Gives only those that were read whole when time is over; what a busy server does
 * not answer is asked again until then. `url` is the server's WebSocket address. Rejects when the server refuses for good.
 */
export async function readLogs(
  url: string,
  channels: readonly string[],
  untilMs: number,
  now: () => number,
): Promise<ReadonlyMap<string, LogHistory>> {
  const logs = new Map<string, LogHistory>()
  const left = [...channels]
  const isOver = (): boolean => now() >= untilMs
  const readSome = async (client: Client): Promise<void> => {
    for (let name = left.pop(); name !== undefined && !isOver(); name = left.pop()) {
      const channel = client.channel(name)
      const log = await readLog(channel, name, isOver)
      if (log !== undefined) logs.set(name, log)
      channel.leave()
    }
  }
  const readers = Math.min(readersMax, Math.ceil(channels.length / channelsEach))
  const clients = Array.from({ length: readers }, (_, no) =>
    connect(url, { user: { id: `bench-reader-${no}` } }),
  )
  try {
    const all = clients.flatMap((client) => Array.from({ length: atOnce }, () => readSome(client)))
    await Promise.all(all)
  } finally {
    for (const client of clients) client.close()
  }
  return logs
}

async function readLog(
  channel: ReturnType<Client['channel']>,
  name: string,
  isOver: () => boolean,
): Promise<LogHistory | undefined> {
  const events: { offset: number; id?: string }[] = []
  let begin = 1
  while (!isOver()) {
    const after = events.at(-1)?.offset ?? 0
    const page = await channel.history({ after, limit: pageEvents }).catch(laterOrNever)
    if (page === undefined) {
      await pause(againMs)
      continue
    }
    if (events.length === 0) begin = page.begin
    for (const { offset, id } of page.events)
      events.push({ offset, ...(id === undefined ? {} : { id }) })
    if (!page.more) return { channel: name, begin, events }
  }
  return undefined
}

/** Nothing where asking again can help; else the error. */
function laterOrNever(error: unknown): undefined {
  const isForNow =
    error instanceof ClientError &&
    (error.retry || error.code === 'TIMEOUT' || error.code === 'DISCONNECTED')
  if (!isForNow) throw error
}
