import Database from 'better-sqlite3'
import { bytesOfText } from '../packed.ts'
import { faultOf } from './errors.ts'
import { createLogReader, type LogReader, type ReadPage } from './log-reader.ts'
import { openingError } from './opening-error.ts'
import { encodePage } from './packed-page.ts'
import type { ReaderAnswer, ReaderRequest, ReadRequest, StoredSnapshot } from './thread-messages.ts'
import { openThreadPort } from './thread-port.ts'

/*
 * The reader's thread: a page that is not in memory holds up neither the connections nor the commits. It sees every commit
 * that was answered before the read was asked, since each read begins its own transaction.
 */

const port = openThreadPort<ReaderRequest, ReaderAnswer>()
let db: Database.Database | undefined
let log: LogReader | undefined

port.onRequest((no, request) => {
  if (request.kind === 'close') {
    db?.close()
    port.answer(no, {})
    port.close()
    return
  }
  try {
    const answer = request.kind === 'start' ? start(request.path) : read(request)
    port.answer(no, answer, buffersOf(answer))
  } catch (error) {
    port.refuse(no, faultOf(error, 'write'))
  }
})
port.answer(0, {})

function start(path: string): ReaderAnswer {
  try {
    db = new Database(path, { readonly: true, fileMustExist: true, timeout: 5_000 })
    db.pragma('cache_size = -32768')
    log = createLogReader(db)
  } catch (error) {
    throw openingError(error, path)
  }
  return {}
}

function read(request: ReadRequest): ReaderAnswer {
  if (log === undefined) throw new Error('the reader was not started')
  if (request.kind === 'channels') {
    return { names: log.names(bytesOfText(request.after), request.limit) }
  }
  const channel = bytesOfText(request.channel)
  switch (request.kind) {
    case 'open':
      return { log: log.open(channel) }
    case 'after':
      return answerOf(log.after(channel, request.offset, request.limit, request.bytesMax))
    case 'before':
      return answerOf(log.before(channel, request.offset, request.limit))
    case 'one':
      return answerOf(log.one(channel, request.offset))
    case 'key':
      return { key: log.key(channel, bytesOfText(request.key)) }
    case 'latest':
      return { latest: log.latest(channel, request.limit) }
    case 'snapshot':
      return { snapshot: ownSnapshot(log.snapshot(channel)) }
  }
}

function answerOf(page: ReadPage | undefined): ReaderAnswer {
  if (page === undefined) return {}
  const { begin, head, first, payloads } = page
  return { log: { begin, head }, page: encodePage(first, payloads) }
}

/** A snapshot in memory of its own, so that it can be handed over. What SQLite gives mostly is that already. */
function ownSnapshot(
  found: { readonly offset: number; readonly payload: Buffer } | undefined,
): StoredSnapshot | undefined {
  if (found === undefined) return undefined
  const { buffer, byteLength } = found.payload
  const owned = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
  return {
    offset: found.offset,
    payload: owned ? new Uint8Array(buffer) : new Uint8Array(found.payload),
  }
}

/** The memory that an answer hands over. */
function buffersOf({ page, snapshot }: ReaderAnswer): ArrayBuffer[] {
  return [page?.buffer, snapshot?.payload.buffer].filter((buffer) => buffer !== undefined)
}
