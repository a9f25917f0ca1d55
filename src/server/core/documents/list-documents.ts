import type { DocumentAnswer, ListedDocument } from '../../link/document-messages.ts'
import type { Storage } from '../../storage/storage.ts'
import { channelOf, tagOf } from '../log/document-names.ts'
import { readDeletion } from './deletion.ts'

export interface ListRequest {
  readonly prefix: string
  /** Skip names up to and including this one. */
  readonly after: string
  readonly limit: number
}

/** Lists non-empty documents by the channel names of their logs. */
export async function listDocuments(
  { prefix, after, limit }: ListRequest,
  storage: Storage,
): Promise<DocumentAnswer> {
  const documents: ListedDocument[] = []
  const first = channelOf(prefix)
  const goesOn = after !== '' && compareBytes(after, prefix) >= 0
  const channels: string[] = goesOn || prefix === '' ? [] : [first]
  channels.push(...(await storage.channels(goesOn ? channelOf(after) : first, limit)))
  let last: string | undefined
  for (const channel of channels) {
    if (!channel.startsWith(first)) return { kind: 'list', documents }
    last = channel.slice(channelOf('').length)
    const { epoch, head } = await storage.open(channel)
    if (head > 0 && (await readDeletion(channel, storage))?.through !== head) {
      documents.push({ name: last, tag: tagOf(epoch, head) })
    }
  }
  if (channels.length < limit || last === undefined) return { kind: 'list', documents }
  return { kind: 'list', documents, next: last }
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
