import type {
  ContentKind,
  DocumentEngine,
  ReadContent,
  SentContent,
} from '../document-engine/document-engine.ts'
import type { Author, DocumentAnswer, DocumentQuestion } from '../link/document-messages.ts'
import type { Storage } from '../storage/storage.ts'
import { type Document, type Incoming, refusal } from './document.ts'
import type { DocumentLog } from './document-log.ts'
import { authored, readHistory, runsThrough, versionsOf } from './history.ts'

export interface QuestionParts {
  readonly engine: DocumentEngine
  readonly storage: Storage
}

interface Asked {
  readonly document: Document
  readonly log: DocumentLog
  readonly author: Author
  /** Tells requests apart in the document's line. */
  readonly sender: string
}

/**
 * Answers what a backend asks about a document. What changes it goes the way of every other update: looked at, committed, and
 * told to everybody who has it open.
 */
export async function answerQuestion(
  asked: Asked,
  question: DocumentQuestion,
  parts: QuestionParts,
): Promise<DocumentAnswer> {
  const { document, log } = asked
  const { engine } = parts
  switch (question.kind) {
    case 'read':
      return read(asked, question.of, question.version, parts)
    case 'write': {
      const made = await engine.write(log.updates(), question.content)
      if ('refusal' in made) return refusal(made.fault ?? 'BAD_CONTENT', made.refusal)
      return submit(asked, made.update, { whole: true, imported: isImport(question) })
    }
    case 'seed': {
      // Whoever comes too late need not make anything.
      if (log.head > 0) return { kind: 'done', changed: false }
      const made = await engine.seed(question.content)
      if ('refusal' in made) return refusal(made.fault ?? 'BAD_CONTENT', made.refusal)
      return submit(asked, made.update, { first: true, imported: isImport(question) })
    }
    case 'versions': {
      const runs = await readHistory(document.name, log, parts)
      return { kind: 'versions', versions: versionsOf(runs) }
    }
    case 'restore': {
      const runs = await readHistory(document.name, log, parts, question.version)
      const through = runsThrough(runs, question.version)
      if (through === undefined) return noVersion(question.version)
      const updates = runs.map(({ update }) => update)
      return submit(asked, await engine.restore(updates, through))
    }
    case 'remove author': {
      const runs = await readHistory(document.name, log, parts)
      return submit(asked, await engine.without(authored(runs), question.userId))
    }
    default:
      return question satisfies never
  }
}

async function read(
  { document, log }: Asked,
  of: ContentKind,
  version: number | undefined,
  parts: QuestionParts,
): Promise<DocumentAnswer> {
  if (version === undefined) return answerWith(await parts.engine.read(log.updates(), of))
  const runs = await readHistory(document.name, log, parts, version)
  const through = runsThrough(runs, version)
  if (through === undefined) return noVersion(version)
  const updates = runs.slice(0, through).map(({ update }) => update)
  return answerWith(await parts.engine.read(updates, of))
}

function answerWith(content: ReadContent): DocumentAnswer {
  switch (content.as) {
    case 'json':
      return { kind: 'json', text: content.text }
    case 'text':
      return { kind: 'text', text: content.text }
    case 'update':
      return { kind: 'bytes', bytes: content.update }
    default:
      return content satisfies never
  }
}

function noVersion(version: number): DocumentAnswer {
  return refusal('NOT_FOUND', `there is no version ${version}; list the versions again`)
}

/** Whether content comes as an update, and so under client ids of others. */
function isImport({ content }: { readonly content: SentContent }): boolean {
  return content.as === 'update'
}

function submit(
  { document, author, sender }: Asked,
  update: Uint8Array | undefined,
  how: Pick<Incoming, 'first' | 'whole' | 'imported'> = {},
): Promise<DocumentAnswer> {
  if (update === undefined) return Promise.resolve({ kind: 'done', changed: false })
  return new Promise((resolve) => {
    document.receive({
      sender,
      author,
      update,
      write: true,
      ...how,
      answer: (answer) =>
        resolve(answer.kind === 'saved' ? { kind: 'done', changed: true } : answer),
    })
  })
}
