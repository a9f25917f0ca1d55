import type { Storage } from '../../storage/storage.ts'
import type { DocumentEngine } from '../yjs/document-engine.ts'
import { encodeWindow, type HistoryWindow } from './document-record.ts'

/** How much of a truncated history is kept, as a fraction of its limit. */
const keptPart = 0.5

/** A window with its offset in the history's channel. */
export interface PlacedWindow {
  readonly offset: number
  readonly window: HistoryWindow
}

/**
 * Truncates a history that exceeds its limit: the oldest windows become one version without deleted
 * content. The newest window always stays. The truncation and that version are one commit.
 */
export async function cutHistory(
  channel: string,
  windows: readonly PlacedWindow[],
  bytesMax: number,
  { storage, engine }: { readonly storage: Storage; readonly engine: DocumentEngine },
): Promise<void> {
  const old = windows.slice(0, cutAt(windows, bytesMax * keptPart))
  const last = old.at(-1)
  if (last === undefined) return
  const runs = old.flatMap(({ window }) => window.runs)
  const updates = runs.map(({ userId, update }) => ({ userId, update }))
  const { parts } = await engine.compact({ owners: new Map(), parts: [], updates })
  const from = old[0]?.window.from ?? 1
  const { to } = last.window
  const times = { fromMs: runs[0]?.fromMs ?? 0, toMs: runs.at(-1)?.toMs ?? 0 }
  const base = {
    from,
    to,
    // Authors cannot be distinguished any more. The first part stands for all edits.
    runs: parts.map((update, index) => ({
      userId: '',
      ...times,
      edits: index === 0 ? to - from + 1 : 0,
      update,
    })),
  }
  const rest = windows.slice(old.length).reduce((sum, { window }) => sum + sizeOf(window), 0)
  const ever = windows.at(-1)?.window.total ?? 0
  const gone = Math.max(0, ever - sizeOf(base) - rest)
  await storage.compact(channel, last.offset, encodeWindow({ ...base, total: gone }))
}

/** Number of windows to cut off so that the rest fits in `bytesMax`. */
function cutAt(windows: readonly PlacedWindow[], bytesMax: number): number {
  let bytes = 0
  for (let index = windows.length - 1; index > 0; index -= 1) {
    const placed = windows[index]
    if (placed !== undefined) bytes += sizeOf(placed.window)
    if (bytes > bytesMax) return Math.min(index + 1, windows.length - 1)
  }
  return 0
}

/** Bytes of the updates in a window. */
export function sizeOf({ runs }: Pick<HistoryWindow, 'runs'>): number {
  return runs.reduce((sum, { update }) => sum + update.length, 0)
}
