import type { Limits } from '../../../protocol/index.ts'
import type { Version, VersionAuthor } from '../../link/document-messages.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Authored, DocumentEngine } from '../yjs/document-engine.ts'
import { documentLimits } from './document-limits.ts'
import { bytesOf, type DocumentLog, type PlacedRow } from './document-log.ts'
import { decodeWindow, encodeWindow, type HistoryWindow, type NamedRun } from './document-record.ts'
import { cutHistory, type PlacedWindow, sizeOf } from './history-bound.ts'

/** A run with the offsets of its updates. */
export interface PlacedRun extends NamedRun {
  readonly from: number
  readonly to: number
}

/** The channel that keeps what compaction takes out of a document's log. */
export function historyChannelOf(document: string): string {
  return `doc-history:${document}`
}

/** Joins rows into runs, each of one author and of no more than a few minutes. */
export async function runsOf(
  rows: readonly PlacedRow[],
  engine: DocumentEngine,
): Promise<readonly PlacedRun[]> {
  const names = new Map(rows.map(({ author }) => [author.id, author.name]))
  const runs: PlacedRun[] = []
  for (const span of spansOf(rows)) {
    let from = span[0]?.offset ?? 0
    const dated = span.map(({ author, atMs, update }) => ({ userId: author.id, atMs, update }))
    for (const run of await engine.runs(dated, documentLimits.runPauseMs)) {
      const name = names.get(run.userId)
      const to = from + run.edits - 1
      const madeBy = makersOf(span.filter(({ offset }) => offset >= from && offset <= to))
      runs.push({ ...run, ...(name === undefined ? {} : { name }), madeBy, from, to })
      from = to + 1
    }
  }
  return runs
}

function makersOf(some: readonly { readonly madeBy?: readonly string[] }[]): readonly string[] {
  return [...new Set(some.flatMap(({ madeBy = [] }) => madeBy))].sort()
}

function spansOf(rows: readonly PlacedRow[]): readonly (readonly PlacedRow[])[] {
  const spans: PlacedRow[][] = []
  let startMs = Number.NEGATIVE_INFINITY
  for (const row of rows) {
    if (row.atMs - startMs > documentLimits.runSpanMs) {
      spans.push([])
      startMs = row.atMs
    }
    spans.at(-1)?.push(row)
  }
  return spans
}

/**
 * Puts the rows through an offset into the document's history, those that are not in it yet. Kept once: a window's key is its last
 * offset, and a crash before the log was cut makes no second one.
 */
export async function keepHistory(
  document: string,
  log: DocumentLog,
  through: number,
  parts: HistoryContext,
): Promise<void> {
  const { storage, engine, limits } = parts
  const channel = historyChannelOf(document)
  const { head } = await storage.open(channel)
  const last = await readLast(channel, storage, head)
  const kept = last?.to ?? 0
  const rows = log.rows.filter(({ offset }) => offset > kept && offset <= through)
  if (rows.length === 0) return
  const runs = await runsOf(rows, engine)
  const window: HistoryWindow = {
    from: rows[0]?.offset ?? 0,
    to: through,
    total: (await totalOf(channel, storage, last)) + sizeOf({ runs }),
    runs,
  }
  await storage.append([
    {
      kind: 'event',
      channel,
      payload: encodeWindow(window),
      key: `window ${through}`,
      expect: head,
    },
  ])
  const ever = window.total ?? 0
  if (ever <= limits.documentHistoryBytesMax) return
  const base = await storage.readSnapshot(channel)
  const gone = base === undefined ? 0 : (decodeWindow(bytesOf(base.payload)).total ?? 0)
  if (ever - gone <= limits.documentHistoryBytesMax) return
  const windows = await readWindows(channel, storage)
  await cutHistory(channel, windows, limits.documentHistoryBytesMax, parts)
}

/** Dependencies of a document's history. */
export interface HistoryContext {
  readonly storage: Storage
  readonly engine: DocumentEngine
  readonly limits: Pick<Limits, 'documentHistoryBytesMax'>
}

/** Reads the newest window of a history; undefined if it has none. */
async function readLast(
  channel: string,
  storage: Storage,
  head: number,
): Promise<HistoryWindow | undefined> {
  const payload = head === 0 ? undefined : (await storage.readOne(channel, head))?.payload
  return payload === undefined ? undefined : decodeWindow(bytesOf(payload))
}

/**
 * Bytes of the updates in a history through its newest window, computed if an older version did not
 * record it.
 */
async function totalOf(
  channel: string,
  storage: Storage,
  last: HistoryWindow | undefined,
): Promise<number> {
  if (last === undefined) return 0
  if (last.total !== undefined) return last.total
  const windows = await readWindows(channel, storage)
  return windows.reduce((sum, { window }) => sum + sizeOf(window), 0)
}

/** Reads all windows of a history. The oldest one may replace truncated history. */
async function readWindows(channel: string, storage: Storage): Promise<readonly PlacedWindow[]> {
  const windows: PlacedWindow[] = []
  const base = await storage.readSnapshot(channel)
  if (base !== undefined) {
    windows.push({ offset: base.offset, window: decodeWindow(bytesOf(base.payload)) })
  }
  for (let last = base?.offset ?? 0; ; ) {
    const { events } = await storage.readAfter(channel, last, 100, documentLimits.readBytesMax)
    for (const { offset, payload } of events) {
      if (payload !== undefined) windows.push({ offset, window: decodeWindow(bytesOf(payload)) })
    }
    const end = events.at(-1)
    if (end === undefined) return windows
    last = end.offset
  }
}

/**
 * Everything that was ever written in a document, in order, with nothing of it left out. Where it is still known apart, a run ends at
 * the offset `cut`.
 */
export async function readHistory(
  document: string,
  log: DocumentLog,
  { storage, engine }: { readonly storage: Storage; readonly engine: DocumentEngine },
  cut = 0,
): Promise<readonly PlacedRun[]> {
  // The rows first: what is compacted while the windows are read is then in both, and taken once.
  const rows = [...log.rows]
  const windows = await readWindows(historyChannelOf(document), storage)
  const runs: PlacedRun[] = []
  for (const { window } of windows) {
    const { from, runs: kept } = window
    let next = from
    for (const run of kept) {
      runs.push({ ...run, from: next, to: next + run.edits - 1 })
      next += run.edits
    }
  }
  const through = windows.at(-1)?.window.to ?? 0
  const tail = rows.filter(({ offset }) => offset > through)
  const before = tail.filter(({ offset }) => offset <= cut)
  const after = tail.filter(({ offset }) => offset > cut)
  return [...runs, ...(await runsOf(before, engine)), ...(await runsOf(after, engine))]
}

/** Groups runs into versions: a pause ends one, or that it has gone on for long. The newest comes first. */
export function versionsOf(runs: readonly PlacedRun[]): readonly Version[] {
  const groups: PlacedRun[][] = []
  for (const run of runs) {
    const group = groups.at(-1)
    const before = group?.at(-1)
    const startMs = group?.[0]?.fromMs ?? run.fromMs
    const goesOn =
      before !== undefined &&
      run.fromMs - before.toMs < documentLimits.versionPauseMs &&
      run.toMs - startMs < documentLimits.versionSpanMs
    if (goesOn && group !== undefined) group.push(run)
    else groups.push([run])
  }
  return groups.map(versionOf).reverse()
}

function versionOf(runs: readonly PlacedRun[]): Version {
  const people = new Map<string, VersionAuthor>()
  for (const { userId, name, edits, madeBy = [] } of runs) {
    const before = people.get(userId)
    const makers = makersOf([{ madeBy }, { madeBy: before?.madeBy ?? [] }])
    people.set(userId, {
      id: userId,
      ...(name === undefined ? {} : { name }),
      edits: edits + (before?.edits ?? 0),
      ...(makers.length === 0 ? {} : { madeBy: makers }),
    })
  }
  return {
    id: runs.at(-1)?.to ?? 0,
    fromMs: runs[0]?.fromMs ?? 0,
    toMs: runs.at(-1)?.toMs ?? 0,
    people: [...people.values()],
  }
}

/** How many of the runs make up a version: those that ended by then. Undefined where there is no such version. */
export function runsThrough(runs: readonly PlacedRun[], version: number): number | undefined {
  const count = runs.findLastIndex(({ to }) => to <= version) + 1
  const head = runs.at(-1)?.to ?? 0
  return count === 0 || version > head ? undefined : count
}

/** Runs as the engine takes them. */
export function authored(runs: readonly PlacedRun[]): readonly Authored[] {
  return runs.map(({ userId, madeBy = [], update }) => ({ userId, madeBy, update }))
}
