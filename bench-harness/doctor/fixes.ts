import { RusherError } from '../../src/protocol/index.ts'
import type { Settings } from './settings.ts'
import type { ChangedSettings, UndoFile } from './undo-file.ts'

/** What became of one setting. */
export interface FixOutcome {
  readonly host: string
  readonly name: string
  readonly state: 'changed' | 'as wanted' | 'restored' | 'left' | 'refused'
  readonly text: string
}

/**
 * Sets what is wanted on one host, one after another in the given order, and stops at the first that is refused. What each was before stands in
 * the undo file before it is changed; what stands there already is older, and stays.
 */
export async function applyFixes(
  host: string,
  settings: Settings,
  wanted: Readonly<Record<string, string>>,
  undo: UndoFile,
): Promise<FixOutcome[]> {
  const outcomes: FixOutcome[] = []
  for (const [name, value] of Object.entries(wanted)) {
    const outcome = await applyOne(host, settings, name, value, undo)
    outcomes.push(outcome)
    if (outcome.state === 'refused') break
  }
  return outcomes
}

async function applyOne(
  host: string,
  settings: Settings,
  name: string,
  value: string,
  undo: UndoFile,
): Promise<FixOutcome> {
  const old = await settings.read(name)
  if (old === undefined) return { host, name, state: 'refused', text: 'there is no such setting' }
  if (isSame(old, value)) return { host, name, state: 'as wanted', text: value }
  const before = await undo.read(host)
  await undo.write(host, { ...before, [name]: { old: before[name]?.old ?? old, new: value } })
  try {
    await settings.write(name, value)
  } catch (error) {
    if (!(error instanceof RusherError)) throw error
    await undo.write(host, before)
    return { host, name, state: 'refused', text: error.message }
  }
  return { host, name, state: 'changed', text: `${plain(old)} -> ${plain(value)}` }
}

/**
 * Gives the settings of one host back what they were, the last changed first, and forgets them. One that is no longer what it was changed to
 * was set by somebody else since, or the machine was started again: it is left as it is.
 */
export async function undoFixes(
  host: string,
  settings: Settings,
  undo: UndoFile,
): Promise<FixOutcome[]> {
  const outcomes: FixOutcome[] = []
  const changed = Object.entries(await undo.read(host)).reverse()
  for (const [name, { old, new: set }] of changed) {
    const outcome = await undoOne(host, settings, name, old, set)
    outcomes.push(outcome)
    if (outcome.state !== 'refused') await undo.write(host, without(await undo.read(host), name))
  }
  return outcomes
}

async function undoOne(
  host: string,
  settings: Settings,
  name: string,
  old: string,
  set: string,
): Promise<FixOutcome> {
  const now = await settings.read(name)
  if (now === undefined)
    return { host, name, state: 'refused', text: 'it could not be read; nothing was changed' }
  if (!isSame(now, set)) {
    const text = `is ${plain(now)} now, not ${plain(set)} as we set it`
    return { host, name, state: 'left', text }
  }
  try {
    await settings.write(name, old)
  } catch (error) {
    if (!(error instanceof RusherError)) throw error
    return { host, name, state: 'refused', text: error.message }
  }
  return { host, name, state: 'restored', text: plain(old) }
}

function without(changed: ChangedSettings, name: string): ChangedSettings {
  const { [name]: _, ...rest } = changed
  return rest
}

/** The kernel writes tabs where people write spaces. */
function isSame(a: string, b: string): boolean {
  return plain(a) === plain(b)
}

function plain(value: string): string {
  const text = value.trim().replaceAll(/\s+/g, ' ')
  return text === '' ? '(empty)' : text
}
