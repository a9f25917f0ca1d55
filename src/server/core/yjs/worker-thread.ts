import { parentPort, workerData } from 'node:worker_threads'
import { compactSource, differenceOf, openingOf, partsMatch, runsOf } from './committed-updates.ts'
import { outlineOf, readContent, seedContent, writeContent } from './content.ts'
import { createDocumentCache } from './document-cache.ts'
import type {
  Content,
  ContentKind,
  ContentRefusal,
  ReadContent,
  SentContent,
} from './document-engine.ts'
import { holdElements } from './elements.ts'
import { parseDocumentJson } from './parse-json.ts'
import { restoreUpdate, withoutUpdate } from './revert-updates.ts'
import { SchemaGuard } from './schema-guard.ts'
import type { EngineAnswer, EngineStart, EngineTask } from './worker-messages.ts'

/*
 * One of the engine's threads: does what it is asked, one thing after another. What makes it hang or run out of memory takes nothing
 * else along.
 */

const { limits, json: jsonLimits, schema } = workerData as EngineStart
const copies = createDocumentCache(
  limits,
  schema === undefined ? undefined : new SchemaGuard(schema),
)

parentPort?.on('message', (task: EngineTask) => {
  // A result that cannot be cloned fails its task, not the thread.
  perform(task)
    .then((result) => answer({ result }, largeOf(result)))
    .catch((error: unknown) =>
      answer({ failed: error instanceof Error ? error.message : String(error) }),
    )
})

function answer(given: EngineAnswer, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(given, transfer)
}

/** Below this many bytes, copying is as fast as transferring. */
const smallBytes = 64 * 1024

/**
 * The large buffers of a result, to be transferred: this thread does not need them, and copying
 * would block it.
 */
function largeOf(result: unknown): readonly ArrayBuffer[] {
  if (typeof result !== 'object' || result === null) return []
  const buffers = new Set<ArrayBuffer>()
  const pieces: readonly unknown[] = [
    ...('delta' in result ? [result.delta] : []),
    ...('parts' in result && Array.isArray(result.parts) ? result.parts : []),
  ]
  for (const piece of pieces) {
    if (!(piece instanceof Uint8Array) || piece.length <= smallBytes) continue
    const { buffer } = piece
    if (buffer instanceof ArrayBuffer && buffer.byteLength === piece.length) buffers.add(buffer)
  }
  return [...buffers]
}

async function perform(task: EngineTask): Promise<unknown> {
  switch (task.kind) {
    case 'load':
      return copies.load(task.document, task.source)
    case 'check':
      return copies.check(task.document, task.request)
    case 'release':
      return copies.release(task.document)
    case 'opening':
      return openingOf(task.updates, limits.partBytesMax)
    case 'difference':
      return differenceOf(task.updates, task.stateVector, limits.partBytesMax)
    case 'compact':
      return compactSource(task.source, limits.partBytesMax)
    case 'matches':
      return partsMatch(task.parts, task.source)
    case 'runs':
      return runsOf(task.updates, task.pauseMs)
    case 'hold elements':
      return holdElements(task.updates)
    case 'read':
      return readAsText(task.updates, task.of)
    case 'outline':
      return outlineOf(task.updates)
    case 'write':
      return withContent(task.content, (content) => writeContent(task.updates, content))
    case 'seed':
      return withContent(task.content, (content) => seedContent(content, task.client))
    case 'restore':
      return restoreUpdate(task.updates, task.through)
    case 'without':
      return withoutUpdate(task.updates, task.userId)
    default:
      return task satisfies never
  }
}

/** Parses the JSON of a peer here, where it does not block the core. */
async function withContent<Made>(
  sent: SentContent,
  make: (content: Content) => Promise<Made>,
): Promise<Made | ContentRefusal> {
  if (!('json' in sent)) return make(sent)
  const parsed = parseDocumentJson(sent.json, jsonLimits)
  if ('refusal' in parsed) return parsed
  return make({ ...sent, json: parsed.json })
}

async function readAsText(
  updates: readonly Uint8Array[],
  of: ContentKind,
): Promise<ReadContent | ContentRefusal> {
  const content = await readContent(updates, of)
  if (!('json' in content)) return content
  const { as, field, json } = content
  return { as, field, text: textOf(json) }
}

/** Encodes JSON. Throws if the value is not JSON despite its type: Yjs types come from peers. */
function textOf(json: unknown): string {
  const text: string | undefined = JSON.stringify(json)
  if (text === undefined) throw new Error('the content cannot be written as JSON')
  return text
}
