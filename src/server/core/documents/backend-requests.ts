import { RusherError } from '../../../protocol/index.ts'
import type {
  Author,
  Condition,
  DocumentAnswer,
  DocumentRequest,
} from '../../link/document-messages.ts'
import type { Log } from '../../log/log.ts'
import type { Storage } from '../../storage/storage.ts'
import { tagOf } from '../log/document-names.ts'
import type {
  ContentKind,
  ContentRefusal,
  DocumentEngine,
  ReadContent,
} from '../yjs/document-engine.ts'
import { WorkerLaneError } from '../yjs/worker-lane.ts'
import { type Document, refusal } from './document.ts'
import type { DocumentLog } from './document-log.ts'
import { authored, readHistory, runsThrough, versionsOf } from './history.ts'
import type { IncomingUpdate } from './incoming-update.ts'

export interface BackendRequestContext {
  readonly engine: DocumentEngine
  readonly storage: Storage
  /** Runs a task with another document for the same author. */
  readonly withOther: (
    name: string,
    act: (asked: Asked) => Promise<DocumentAnswer>,
  ) => Promise<DocumentAnswer>
}

export interface Asked {
  readonly document: Document
  readonly log: DocumentLog
  readonly author: Author
  /** Tells requests apart in the document's line. */
  readonly sender: string
}

type QuestionOf<Kind extends DocumentRequest['kind']> = Extract<DocumentRequest, { kind: Kind }>

/**
 * Answers what a backend asks about a document. What changes it goes the way of every other update: looked at, committed, and
 * told to everybody who has it open. A change is worked out from what is committed when it is asked
 * for; what others write until it is committed itself stays, as when two edit at the same time.
 */
export async function answerQuestion(
  asked: Asked,
  question: DocumentRequest,
  parts: BackendRequestContext,
): Promise<DocumentAnswer> {
  switch (question.kind) {
    case 'read':
      return unlessAt(asked, question.unless, (tag) => read(asked, question, tag, parts))
    case 'outline':
      return unlessAt(asked, question.unless, (tag) => outline(asked, tag, parts))
    case 'versions':
      return unlessAt(asked, question.unless, async (tag) => {
        const runs = await readHistory(asked.document.name, asked.log, parts)
        return { kind: 'versions', versions: versionsOf(runs), tag }
      })
    case 'write':
      return write(asked, question, parts)
    case 'seed':
      return seed(asked, question, parts)
    case 'restore':
    case 'remove author':
      return takeBack(asked, question, parts)
    case 'delete':
      return submit(asked, { update: nothing, deletes: true, when: question.when })
    case 'copy':
      return copy(asked, question, parts)
    default:
      return question satisfies never
  }
}

const nothing = new Uint8Array()

/** The entity tag of the committed document. */
function tagNow({ log }: Asked): string {
  return tagOf(log.epoch, log.head)
}

/** Answers `unchanged` if the client already has this content; otherwise reads it. */
async function unlessAt(
  asked: Asked,
  unless: readonly string[] | undefined,
  answer: (tag: string) => Promise<DocumentAnswer>,
): Promise<DocumentAnswer> {
  const tag = tagNow(asked)
  return unless?.includes(tag) === true ? { kind: 'unchanged', tag } : answer(tag)
}

async function read(
  { document, log }: Asked,
  { of, version }: QuestionOf<'read'>,
  tag: string,
  parts: BackendRequestContext,
): Promise<DocumentAnswer> {
  if (version === undefined) return readFrom(log.updates(), of, tag, parts)
  const runs = await readHistory(document.name, log, parts, version)
  const through = runsThrough(runs, version)
  if (through === undefined) return noVersion(version)
  const updates = runs.slice(0, through).map(({ update }) => update)
  return readFrom(updates, of, tagOf(log.epoch, version), parts)
}

async function readFrom(
  updates: readonly Uint8Array[],
  of: ContentKind,
  tag: string,
  { engine }: BackendRequestContext,
): Promise<DocumentAnswer> {
  const made = await engine.read(updates, of)
  if ('refusal' in made) return refused(made)
  return answerWith(made, tag)
}

function answerWith(content: ReadContent, tag: string): DocumentAnswer {
  switch (content.as) {
    case 'json':
    case 'delta':
      return { kind: 'json', text: content.text, tag }
    case 'text':
    case 'markdown':
      return { kind: 'text', text: content.text, as: content.as, tag }
    case 'update':
      return { kind: 'bytes', bytes: content.update, tag }
    default:
      return content satisfies never
  }
}

async function outline(
  { document, log }: Asked,
  tag: string,
  { engine }: BackendRequestContext,
): Promise<DocumentAnswer> {
  if (log.isEmpty) return noDocument(document.name)
  return { kind: 'outline', outline: await engine.outline(log.updates()), tag }
}

async function write(
  asked: Asked,
  { content, when }: QuestionOf<'write'>,
  { engine }: BackendRequestContext,
): Promise<DocumentAnswer> {
  const { log } = asked
  const base = log.head
  const made = await engine.write(log.updates(), content)
  if ('refusal' in made) return refused(made)
  const { update } = made
  if (update === undefined) return unchanged(asked, base, when)
  const imported = content.as === 'update'
  const change = { update, when, whole: true, imported, revives: imported && log.isEmpty }
  return submit(asked, change, base)
}

/** Answers a write without changes; its precondition must still hold. */
function unchanged(
  asked: Asked,
  base: number,
  when: Condition | undefined,
): Promise<DocumentAnswer> | DocumentAnswer {
  if (when !== undefined) return submit(asked, { update: emptyUpdate, when }, base)
  return { kind: 'done', changed: false, tag: tagOf(asked.log.epoch, base) }
}

/** An empty update. */
const emptyUpdate = Uint8Array.of(0, 0)

async function seed(
  asked: Asked,
  { content }: QuestionOf<'seed'>,
  { engine }: BackendRequestContext,
): Promise<DocumentAnswer> {
  const { log } = asked
  // Already written: there is no need to convert the content.
  if (!log.isEmpty) return { kind: 'done', changed: false }
  const made = await engine.seed(content, seedClient(log))
  if ('refusal' in made) return refused(made)
  const imported = content.as === 'update'
  return submit(asked, { update: made.update, first: true, imported, revives: imported })
}

/**
 * The client id for seeded content, so that equal content gives equal bytes. It must not occur in
 * deleted content, whose ids would be ambiguous.
 */
function seedClient({ deleted }: DocumentLog): number {
  let client = 1
  while (deleted?.has(client) === true) client += 1
  return client
}

async function takeBack(
  asked: Asked,
  question: QuestionOf<'restore' | 'remove author'>,
  parts: BackendRequestContext,
): Promise<DocumentAnswer> {
  const { document, log } = asked
  const { engine } = parts
  const base = log.head
  const version = question.kind === 'restore' ? question.version : undefined
  const runs = await readHistory(document.name, log, parts, version)
  let update: Uint8Array | undefined
  if (question.kind === 'restore') {
    const through = runsThrough(runs, question.version)
    if (through === undefined) return noVersion(question.version)
    const updates = runs.map((run) => run.update)
    update = await engine.restore(updates, through)
  } else update = await engine.without(authored(runs), question.userId)
  if (update === undefined) return unchanged(asked, base, question.when)
  return submit(asked, { update, when: question.when }, base)
}

async function copy(
  { document, log }: Asked,
  { to, replace, when }: QuestionOf<'copy'>,
  parts: BackendRequestContext,
): Promise<DocumentAnswer> {
  if (log.isEmpty) return noDocument(document.name)
  if (to === document.name) return refusal('EXISTS', 'a document cannot be copied onto itself')
  const made = await parts.engine.read(log.updates(), { as: 'update', field: '' })
  if ('refusal' in made || made.as !== 'update') return noDocument(document.name)
  const { update } = made
  return parts.withOther(to, async (target) => {
    const content = { update, whole: true, imported: true, revives: true, when }
    // All that it then holds is the copy's, whatever was there when it was asked for.
    if (replace) return submit(target, { ...content, replaces: true }, 'any')
    const written = await submit(target, { ...content, first: true }, target.log.head)
    const isTaken = written.kind === 'done' && !written.changed
    return isTaken ? refusal('EXISTS', `a document '${to}' already exists`) : written
  })
}

function refused({ refusal: message, fault = 'BAD_CONTENT' }: ContentRefusal): DocumentAnswer {
  return refusal(fault, message)
}

/** Maps an error to the answer. Content that makes the engine throw is the client's error. */
export function failureOf(error: unknown, document: string, log: Log): DocumentAnswer {
  if (error instanceof WorkerLaneError && error.fault === 'threw') {
    log.warn({ err: error, document }, 'document content could not be converted')
    return refusal('BAD_CONTENT', 'the content could not be converted')
  }
  log.error({ err: error, document }, 'a document could not be read')
  const message = error instanceof RusherError ? error.message : 'internal server error'
  return refusal('UNAVAILABLE', message)
}

function noDocument(name: string): DocumentAnswer {
  return refusal('NOT_FOUND', `there is no document '${name}'`)
}

function noVersion(version: number): DocumentAnswer {
  return refusal('NOT_FOUND', `there is no version ${version}; list the versions again`)
}

type Change = Pick<
  IncomingUpdate,
  'update' | 'first' | 'whole' | 'imported' | 'revives' | 'deletes' | 'replaces'
> & {
  readonly when?: Condition | undefined
}

/** Queues a change of the document. `base` is the offset that the change is based on. */
function submit(
  { document, author, sender, log }: Asked,
  { when, ...change }: Change,
  base?: number | 'any',
): Promise<DocumentAnswer> {
  return new Promise((resolve) => {
    document.receive({
      ...change,
      sender,
      author,
      write: true,
      ...(when === undefined ? {} : { when }),
      answer: (answer) => {
        if (answer.kind !== 'saved') return resolve(answer)
        const { offset, corrected } = answer
        // Not if the content was corrected: the document then differs from what was sent.
        const isAlone = base === 'any' || (base !== undefined && offset === base + 1)
        const isAsSent = isAlone && offset !== undefined && corrected === undefined
        const tag = isAsSent ? { tag: tagOf(log.epoch, offset) } : {}
        const put = corrected === undefined ? {} : { corrected }
        resolve({ kind: 'done', changed: offset !== undefined, ...tag, ...put })
      },
    })
  })
}
