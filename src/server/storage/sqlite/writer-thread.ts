import { workerData } from 'node:worker_threads'
import { bufferOf, bytesOfText } from '../packed.ts'
import { faultOf } from './errors.ts'
import { type Fault, FaultError } from './fault.ts'
import type { Vanishing } from './file-watch.ts'
import { createLogWriter } from './log-writer.ts'
import { startUpkeep } from './maintenance.ts'
import { type OpenedDatabase, openDatabase } from './open-database.ts'
import { decodeBatch, encodeResults } from './packed-batch.ts'
import type { WriterAnswer, WriterReady, WriterRequest, WriterStart } from './thread-messages.ts'
import { openThreadPort } from './thread-port.ts'

/*
 * The writer's thread: opens the database and commits what comes, one transaction at a time, in the order in which it
 * comes.
 */

/** Minimum time between checks of the files, in milliseconds: periodically and before a commit. */
const lookMs = { byItself: 1_000, beforeCommit: 10 } as const

type WriteRequest = Exclude<WriterRequest, { kind: 'close' }>

const port = openThreadPort<WriterRequest, WriterAnswer | WriterReady>()
const start = workerData as WriterStart
const opened = open()
if (opened !== undefined) serve(opened)

function open(): OpenedDatabase | undefined {
  try {
    const database = openDatabase(start)
    const { path, meta, warnings } = database
    port.answer(0, { path, epoch: meta.epoch, warnings })
    return database
  } catch (error) {
    port.refuse(0, faultOf(error, 'write'))
    port.close()
    return undefined
  }
}

function serve({ db, meta, headFile, watch, checkpointNo, close }: OpenedDatabase): void {
  const log = createLogWriter(db, meta, start.filing)
  const upkeep = startUpkeep({
    db,
    log,
    headFile,
    epoch: meta.epoch,
    checkpointNo,
    idleMs: start.idleMs,
    fail: failBy,
    checkpointed: (no) => watch.checkpointed(no),
  })
  let failed: Fault | undefined
  let lookedMs = performance.now()
  const looking = setInterval(() => {
    lookedMs = performance.now()
    meet(watch.look())
  }, lookMs.byItself)

  /** Stops all writes once the files cannot be found under their names. */
  function meet(vanishing: Vanishing | undefined): void {
    if (vanishing === undefined || failed !== undefined) return
    const { message, isSound } = vanishing
    // All acknowledged events are then in the one file, wherever it was moved.
    if (isSound) upkeep.leave()
    fail(new FaultError({ code: 'STORAGE_UNAVAILABLE', message, final: true }))
  }

  /** A file that was cut shows as an I/O error first: say what happened to it, and what to do. */
  function failBy(error: unknown): void {
    if (failed !== undefined) return
    const vanishing = faultOf(error, 'write').final ? watch.look() : undefined
    if (vanishing === undefined || vanishing.isSound) fail(error)
    else meet(vanishing)
  }

  function fail(error: unknown): void {
    const fault = faultOf(error, 'write')
    if (!fault.final || failed !== undefined) return
    failed = fault
    clearInterval(looking)
    upkeep.stop()
    port.fail(fault)
  }

  port.onRequest((no, request) => {
    if (request.kind === 'close') {
      clearInterval(looking)
      upkeep.stop()
      if (failed === undefined) meet(watch.look())
      if (failed === undefined) upkeep.settle()
      close()
      port.answer(no, {})
      port.close()
      return
    }
    const startedMs = performance.now()
    if (failed === undefined && startedMs - lookedMs >= lookMs.beforeCommit) {
      lookedMs = startedMs
      meet(watch.lookBriefly())
    }
    if (failed !== undefined) {
      // Not even tried: after a failed fsync nobody knows what the next one would mean.
      port.refuse(no, { ...failed, code: 'STORAGE_UNAVAILABLE' })
      return
    }
    try {
      const answer = perform(request)
      const tookMs = performance.now() - startedMs
      upkeep.recordHead()
      port.answer(
        no,
        { ...answer, tookMs },
        answer.results === undefined ? [] : [answer.results.buffer],
      )
    } catch (error) {
      port.refuse(no, faultOf(error, 'write'))
      failBy(error)
      return
    }
    upkeep.committed(bytesOf(request))
    if (request.kind === 'compact') upkeep.sweepSoon()
  })

  function perform(request: WriteRequest): WriterAnswer {
    if (request.kind === 'append') {
      return { results: encodeResults(log.append(decodeBatch(request.batch))) }
    }
    const channel = bytesOfText(request.channel)
    if (request.kind === 'snapshot') {
      log.saveSnapshot({ channel, offset: request.offset, snapshot: bufferOf(request.snapshot) })
      return {}
    }
    return {
      log: log.compact({
        channel,
        through: request.through,
        snapshot: request.snapshot && bufferOf(request.snapshot),
      }),
    }
  }
}

/** What a request brings to the disk. */
function bytesOf(request: WriteRequest): number {
  return (request.kind === 'append' ? request.batch : request.snapshot)?.length ?? 0
}
