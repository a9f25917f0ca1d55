import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { RusherError } from '../../src/protocol/index.ts'

/** What a setting was before it was first changed, and what it was changed to. */
export interface Changed {
  readonly old: string
  readonly new: string
}

/** Changed settings by name, the first that was changed first. */
export type ChangedSettings = Readonly<Record<string, Changed>>

/** What was changed on which host, kept until it is taken back. */
export interface UndoFile {
  hosts(): Promise<readonly string[]>
  read(host: string): Promise<ChangedSettings>
  /** On disk when it resolves. */
  write(host: string, changed: ChangedSettings): Promise<void>
}

/** Where it is kept: $XDG_STATE_HOME, or ~/.local/state. */
export function undoPath(env: Readonly<Record<string, string | undefined>>): string {
  const base = env['XDG_STATE_HOME']
  const folder = base?.startsWith('/') === true ? base : join(homedir(), '.local', 'state')
  return join(folder, 'rusher', 'doctor-undo.json')
}

/** Its methods reject with a `RusherError` (`UNDO_FILE`) when the file is there and cannot be read, since it is all that knows the old values. */
export function createUndoFile(path: string): UndoFile {
  const load = async (): Promise<Record<string, ChangedSettings>> => parse(await textOf(path), path)
  return {
    hosts: async () => Object.keys(await load()),
    read: async (host) => (await load())[host] ?? {},
    async write(host, changed) {
      const { [host]: _, ...others } = await load()
      const hosts = Object.keys(changed).length === 0 ? others : { ...others, [host]: changed }
      if (Object.keys(hosts).length === 0) return rm(path, { force: true })
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      const next = `${path}.new`
      await writeFile(next, `${JSON.stringify({ v: 1, hosts }, null, 2)}\n`, {
        mode: 0o600,
        flush: true,
      })
      await rename(next, path)
    },
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new RusherError('UNDO_FILE', `${path} cannot be read; it knows the old settings`, {
      cause: error,
    })
  }
}

function parse(text: string | undefined, path: string): Record<string, ChangedSettings> {
  if (text === undefined) return {}
  const wrong = (cause?: unknown): RusherError =>
    new RusherError(
      'UNDO_FILE',
      `${path} is not what rusher bench doctor wrote; look at it by hand`,
      {
        cause,
      },
    )
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw wrong(error)
  }
  if (!isRecord(value) || value['v'] !== 1 || !isRecord(value['hosts'])) throw wrong()
  const hosts = value['hosts']
  if (!Object.values(hosts).every(isChangedSettings)) throw wrong()
  return hosts as Record<string, ChangedSettings>
}

function isChangedSettings(value: unknown): value is ChangedSettings {
  return (
    isRecord(value) &&
    Object.values(value).every(
      (changed) =>
        isRecord(changed) &&
        typeof changed['old'] === 'string' &&
        typeof changed['new'] === 'string',
    )
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
