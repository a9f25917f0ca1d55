import type { HistoryReply } from '../../src/protocol/index.ts'
import type { LogHistory } from '../../src/testing/index.ts'
import { connectRaw, type RawClient } from './raw-client.ts'

/** Reads a channel's whole log as any client could: page by page. */
export async function readLog(client: RawClient, channel: string): Promise<LogHistory> {
  const events: { offset: number; id?: string | undefined }[] = []
  for (;;) {
    const after = events.at(-1)?.offset ?? 0
    const { ok, error } = await client.ask({ type: 'history', channel, after, limit: 100 })
    if (error !== undefined) throw new Error(`history: ${error.code}`)
    const page = ok as HistoryReply
    for (const { offset, id } of page.events) events.push({ offset, id })
    if (!page.more) return { channel, begin: page.begin, events }
  }
}

/** Reads the logs of channels over a connection of its own. */
export async function readLogs(
  url: string,
  channels: readonly string[],
): Promise<{ readonly logs: readonly LogHistory[]; readonly heads: ReadonlyMap<string, number> }> {
  const client = await connectRaw(url, { id: 'reader' })
  const logs: LogHistory[] = []
  for (const channel of channels) logs.push(await readLog(client, channel))
  client.drop()
  const heads = logs.map(
    ({ channel, begin = 1, events }) => [channel, begin + events.length - 1] as const,
  )
  return { logs, heads: new Map(heads) }
}
