import { connect } from '../../src/client/index.ts'
import type { LogHistory } from '../../src/testing/history-checker.ts'

const pageEvents = 100
/** Channels that are read at once. */
const atOnce = 8

/**
 * Reads what channels hold, page by page, as any client could. Gives only those that were read whole when time is over. `url` is the server's
 * WebSocket address.
 */
export async function readLogs(
  url: string,
  channels: readonly string[],
  untilMs: number,
  now: () => number,
): Promise<ReadonlyMap<string, LogHistory>> {
  const client = connect(url, { user: { id: 'bench-reader' } })
  const logs = new Map<string, LogHistory>()
  const left = [...channels]
  const reader = async (): Promise<void> => {
    for (let name = left.pop(); name !== undefined && now() < untilMs; name = left.pop()) {
      const channel = client.channel(name)
      const log = await readLog(channel, name, untilMs, now)
      if (log !== undefined) logs.set(name, log)
      channel.leave?.()
    }
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, reader))
  } finally {
    client.close()
  }
  return logs
}

async function readLog(
  channel: ReturnType<ReturnType<typeof connect>['channel']>,
  name: string,
  untilMs: number,
  now: () => number,
): Promise<LogHistory | undefined> {
  const events: { offset: number; id?: string }[] = []
  let begin = 1
  while (now() < untilMs) {
    const page = await channel.history({ after: events.at(-1)?.offset ?? 0, limit: pageEvents })
    if (events.length === 0) begin = page.begin
    for (const { offset, id } of page.events)
      events.push({ offset, ...(id === undefined ? {} : { id }) })
    if (!page.more) return { channel: name, begin, events }
  }
  return undefined
}
