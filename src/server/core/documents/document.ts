import type { RusherError } from '../../../protocol/index.ts'
import type {
  Author,
  Condition,
  DocumentAnswer,
  DocumentFault,
} from '../../link/document-messages.ts'
import { contain } from '../../runtime/containment.ts'
import { channelOf, tagOf } from '../log/document-names.ts'
import type {
  Checked,
  CheckRequest,
  DocumentEngine,
  Repeated,
  SetAside,
} from '../yjs/document-engine.ts'
import { checkAgainstEmpty } from './check-against-empty.ts'
import { commitDeletion, isLeft, readDeletion, removeDeleted } from './deletion.ts'
import type { DocumentContext } from './document-context.ts'
import { documentLimits } from './document-limits.ts'
import { authoredOf, type DocumentLog, openDocumentLog } from './document-log.ts'
import { createFairQueue } from './fair-queue.ts'
import type { IncomingUpdate } from './incoming-update.ts'
import { createUpdateWriter } from './update-writer.ts'
import { WaitingParts } from './waiting-parts.ts'

/**
 * One document that somebody has open. Updates are looked at one after another, applied to the engine's copy, committed, and only then
 * told to anyone. What it holds in memory beside the committed bytes is what is not committed yet.
 */
export interface Document {
  readonly name: string
  /**
   * Resolves when it could be read. It is tried until it can: a document that cannot be read is
   * never an empty one. Rejects with its cause when storage has failed for good.
   */
  readonly opened: Promise<DocumentLog>
  readonly log: DocumentLog | undefined
  receive(incoming: IncomingUpdate): void
  /** Updates taken in that are neither on disk nor refused. */
  readonly unsaved: number
  /** Those of them that storage does not have in hand. */
  readonly waiting: number
  readonly failing: boolean
  /** Whether nothing waits in it. */
  readonly quiet: boolean
  tick(nowMs: number): void
  /** Storage has failed for good: refuses what is not on disk, and stops trying to open the log. */
  fail(cause: RusherError): void
  /** Called after compaction, successful or not, to resume waiting changes. */
  compacted(): void
  /** Runs a maintenance task on the start of the log, one at a time. */
  maintain<Result>(act: () => Promise<Result>): Promise<Result>
  /** Lets go of the engine's copy; the next update has it made anew. */
  release(): void
}

/** Why a change is not made, by what it was to depend on. */
const unmet: Readonly<Record<Condition['kind'], string>> = {
  absent: 'the document exists, and was to be written only where there is none',
  exists: 'there is no such document',
  at: 'the document has changed: it is not at the tag of the precondition',
}

export function createDocument(name: string, parts: DocumentContext): Document {
  const { engine, storage, clock, limits } = parts
  const channel = channelOf(name)
  const queue = createFairQueue<IncomingUpdate>(documentLimits.queueMax)
  const saver = createUpdateWriter({
    channel,
    appender: parts.appender,
    clock,
    changed: (failing) => parts.saving(name, failing),
  })
  const waitingParts = new WaitingParts<IncomingUpdate>({
    partsMax: documentLimits.waitingPartsMax,
    bytesMax: documentLimits.waitingBytesMax,
  })
  let log: DocumentLog | undefined
  let busy = false
  let usedMs = clock.monotonicMs()
  let held = false
  let deletions = 0
  /** Bytes of accepted updates that are not on disk yet. */
  let unsavedBytes = 0
  let maintained: Promise<unknown> = Promise.resolve()
  const failure = Promise.withResolvers<never>()
  let failed: RusherError | undefined
  // A document that is open already does not wait for it.
  failure.promise.catch(() => undefined)
  const opened = open()

  async function open(): Promise<DocumentLog> {
    for (let pauseMs: number = documentLimits.retryMs.first; ; ) {
      try {
        const deletion = await readDeletion(channel, storage)
        if (deletion !== undefined && (await isLeft(channel, deletion, storage))) {
          await removeDeleted(name, channel, deletion, parts)
        }
        log = await openDocumentLog(
          channel,
          storage,
          engine,
          parts.keepsDeleted(name),
          deletion?.clients,
        )
        pump()
        return log
      } catch (error) {
        if (failed !== undefined) throw failed
        parts.log.error(
          { err: error, document: name },
          'a document could not be read; it is tried again',
        )
        parts.unreadable(name)
        await Promise.race([parts.wait(pauseMs), failure.promise])
        pauseMs = Math.min(pauseMs * 2, documentLimits.retryMs.most)
      }
    }
  }

  /** An upper bound of the document size, in bytes, without measuring it. */
  function bytesOf({ snapshotBytes, rowsBytes }: DocumentLog): number {
    return snapshotBytes + rowsBytes + unsavedBytes
  }

  /** Whether the log is so long that writes must wait for compaction. */
  function isLong({ snapshotBytes, rowsBytes }: DocumentLog): boolean {
    // The document itself may be larger than a limit that was lowered since.
    const documentBytes = Math.max(snapshotBytes, limits.documentBytesMax)
    return rowsBytes + unsavedBytes > documentLimits.logTimesMax * documentBytes
  }

  function pump(): void {
    if (busy || log === undefined || saver.unsaved.length >= documentLimits.unsavedMax) return
    if (isLong(log) && parts.compacting(name)) return
    const next = queue.shift()
    if (next === undefined) return
    busy = true
    const looked = look(next, log)
      .catch((error: unknown) => {
        if (failed !== undefined) return refusing(next.answer)(failed)
        parts.log.error({ err: error, document: name }, 'an update could not be looked at')
        next.answer(refusal('UNAVAILABLE', 'the server could not look at it'))
      })
      .finally(() => {
        busy = false
        pump()
        parts.settled()
      })
    contain(parts, 'document', looked)
  }

  async function look(incoming: IncomingUpdate, known: DocumentLog): Promise<void> {
    const { author, answer } = incoming
    usedMs = clock.monotonicMs()
    // What it follows on was deleted while it stood in line.
    if ((incoming.afterDeletions ?? deletions) !== deletions) return
    if (incoming.when !== undefined && !holds(incoming.when, known)) {
      return answer(refusal('PRECONDITION_FAILED', unmet[incoming.when.kind]))
    }
    if (incoming.first === true && !isEmpty(known)) {
      return saver.whenFlushed(() => answer({ kind: 'done', changed: false }), refusing(answer))
    }
    if (incoming.deletes === true) return remove(incoming, known)
    if (incoming.replaces === true && !isEmpty(known)) {
      const tried = await checkAgainstEmpty(engine, name, requestFor(incoming, 0))
      if (tried.kind !== 'new') return answer(refusalOf(tried))
      await erase(author, known)
    }
    if (isLong(known)) return answer(refusal('UNAVAILABLE', 'the document cannot be compacted now'))
    const checked = await check(engine, known, requestFor(incoming, bytesOf(known)))
    if ('aside' in checked && checked.aside !== undefined) {
      waitingParts.keep(checked.aside, incoming)
    }
    switch (checked.kind) {
      case 'absent':
        return answer(refusal('BAD_UPDATE', 'the update takes too long to look at'))
      case 'nothing new':
        // What it repeats may itself not be on disk yet, and saved means on disk.
        return saver.whenFlushed(() => {
          confirmed(known, checked)
          answer({ kind: 'saved', ...outcomeOf(checked) })
        }, refusing(answer))
      case 'refused':
        parts.metrics.documentRefused(checked.fault)
        return answer(refusal(checked.fault, checked.message))
      case 'new':
        return keep(known, author, checked, answer)
      default:
        return checked satisfies never
    }
  }

  function requestFor(incoming: IncomingUpdate, bytes: number): CheckRequest {
    const { update, author, write, vocabulary, client, whole = false, imported = false } = incoming
    return {
      update,
      userId: author.id,
      write,
      partly: !whole,
      imported,
      growthBytesMax: Math.max(0, limits.documentBytesMax - bytes),
      documentBytesMax: limits.documentBytesMax,
      ...(vocabulary === undefined ? {} : { vocabulary }),
      ...(incoming.revives === true ? { revives: true } : {}),
      ...(client === undefined ? {} : { client }),
    }
  }

  function isEmpty(known: DocumentLog): boolean {
    return known.isEmpty && saver.unsaved.length === 0
  }

  function holds(condition: Condition, known: DocumentLog): boolean {
    switch (condition.kind) {
      case 'at':
        // The tag once the accepted updates are on disk.
        return condition.tags.includes(tagOf(known.epoch, known.head + saver.unsaved.length))
      case 'exists':
        return !isEmpty(known)
      case 'absent':
        return isEmpty(known)
      default:
        return condition satisfies never
    }
  }

  async function remove({ author, answer }: IncomingUpdate, known: DocumentLog): Promise<void> {
    if (isEmpty(known)) {
      return answer(refusal('NOT_FOUND', 'there is no document of that name'))
    }
    await erase(author, known)
    answer({ kind: 'done', changed: true, tag: tagOf(known.epoch, known.head) })
  }

  /** Deletes everything. Updates wait until it is done. */
  async function erase(author: Author, known: DocumentLog): Promise<void> {
    await new Promise<void>((resolve, reject) => saver.whenFlushed(resolve, reject))
    await document.maintain(async () => {
      const { deletion, row } = await commitDeletion(
        channel,
        known,
        { author, atMs: clock.now() },
        parts,
      )
      known.committed(deletion.through, row)
      known.erased(deletion.through, deletion.clients)
      deletions += 1
      waitingParts.clear()
      document.release()
      parts.deleted(name, deletion.through, row)
      await removeDeleted(name, channel, deletion, parts).catch((error: unknown) => {
        parts.log.error(
          { err: error, document: name },
          'the stored content of a deleted document could not be removed; retrying when it is next opened',
        )
      })
    })
  }

  async function check(
    of: DocumentEngine,
    known: DocumentLog,
    request: CheckRequest,
  ): Promise<Checked> {
    let checked: Checked = held ? await of.check(name, request) : { kind: 'absent' }
    // Twice: the first that hangs its thread is told apart from one that was in the thread by chance.
    for (let tries = 0; checked.kind === 'absent' && tries < 2; tries += 1) {
      const { source } = known
      const unsaved = saver.unsaved.map(authoredOf)
      await of.load(name, { ...source, updates: [...source.updates, ...unsaved] })
      held = true
      checked = await of.check(name, request)
    }
    return checked
  }

  function keep(
    known: DocumentLog,
    author: Author,
    checked: Extract<Checked, { kind: 'new' }>,
    answer: IncomingUpdate['answer'],
  ): void {
    const { delta, advanced, madeBy, corrected = 0 } = checked
    const row = { atMs: clock.now(), author, madeBy, advanced, update: delta }
    for (const { aside, sent } of waitingParts.advanced(advanced)) {
      // No answer: the sender was answered for the rest of its update.
      const goesOn = { update: aside.update, afterDeletions: deletions, answer: () => undefined }
      queue.push(sent.sender, { ...sent, ...goesOn })
    }
    if (corrected > 0) {
      parts.metrics.documentCorrected(corrected)
      parts.log.info(
        { document: name, user: author.id, corrected },
        'unsafe or invalid content in an update was corrected',
      )
    }
    unsavedBytes += delta.length
    const saved = (offset: number): void => {
      unsavedBytes -= delta.length
      known.committed(offset, row)
      confirmed(known, checked)
      parts.committed(name, offset, row)
      parts.metrics.documentSaved(delta.length)
      const outcome = { ...outcomeOf(checked), ...(corrected === 0 ? {} : { corrected }) }
      answer({ kind: 'saved', offset, ...outcome })
      pump()
    }
    saver.save(row, saved, (cause) => {
      unsavedBytes -= delta.length
      // The engine's copy has it.
      document.release()
      refusing(answer)(cause)
      parts.settled()
    })
  }

  const document: Document = {
    name,
    opened,
    get log() {
      return log
    },
    receive(incoming) {
      if (!queue.push(incoming.sender, incoming)) {
        return incoming.answer(refusal('UNAVAILABLE', 'too much waits in this document'))
      }
      pump()
    },
    get unsaved() {
      return saver.unsaved.length + queue.size + (busy ? 1 : 0)
    },
    get waiting() {
      return document.unsaved - saver.underWay
    },
    get failing() {
      return saver.failing
    },
    get quiet() {
      return document.unsaved === 0
    },
    tick(nowMs) {
      saver.tick(nowMs)
      if (held && document.quiet && nowMs - usedMs > documentLimits.copyIdleMs) document.release()
    },
    fail(cause) {
      failed = cause
      failure.reject(cause)
      saver.fail(cause)
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        refusing(next.answer)(cause)
      }
      parts.settled()
    },
    compacted: pump,
    maintain(act) {
      const turn = maintained.then(act)
      maintained = turn.catch(() => undefined)
      return turn
    },
    release() {
      held = false
      engine.release(name)
    },
  }
  return document
}

/** What is repeated is on disk by now, and so is what was in doubt. */
function confirmed(log: DocumentLog, { repeated }: { readonly repeated?: Repeated }): void {
  if (repeated !== undefined) log.confirm(repeated.client, repeated)
}

/** The answer to the sender of an accepted update. */
function outcomeOf({ kept, aside }: { readonly kept: number; readonly aside?: SetAside }): {
  readonly kept: number
  readonly waits?: true
} {
  return aside === undefined ? { kept } : { kept, waits: true }
}

/** Why an update cannot take the place of what is there. */
function refusalOf(tried: Exclude<Checked, { kind: 'new' }>): DocumentAnswer {
  if (tried.kind === 'refused') return refusal(tried.fault, tried.message)
  return refusal('UNAVAILABLE', 'the server could not look at it')
}

/** Tells the sender of an update what storage failed with. */
function refusing(answer: IncomingUpdate['answer']): (cause: RusherError) => void {
  return ({ message }) => answer(refusal('UNAVAILABLE', message))
}

export function refusal(fault: DocumentFault, message: string): DocumentAnswer {
  return { kind: 'refused', fault, message }
}
