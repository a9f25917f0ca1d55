import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { Instance } from 'ink'
import type { Run } from '../../../../bench-harness/view/run-view.ts'
import { clockText } from '../figures.ts'
import { lookOf } from './look.ts'
import { createScreenModel, type ScreenModel } from './screen-model.ts'
import type { Shown } from './shown.ts'

export interface ShowScreenOptions {
  readonly stdout: NodeJS.WriteStream
  readonly stdin: NodeJS.ReadStream
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number
  /** NO_COLOR, TERM and the locale are looked at. */
  readonly environment: NodeJS.ProcessEnv
  /** Where snapshots are written; the current folder. */
  readonly directory?: string
  /** How long the screen stays after the end of the run when nobody presses a key; 10 s. */
  readonly lingerMs?: number
}

/**
 * Shows a run on a terminal until it has ended and whoever looks has left, or until they leave, which ends the run. The terminal is given back as it
 * was, also when the process ends otherwise. Rejects when drawing fails, and the run goes on then, or when the run itself does.
 */
export async function showScreen(run: Run, options: ShowScreenOptions): Promise<void> {
  // React is a third slower when it is not told, and looks once, when it is imported: so nothing here may import it before.
  process.env['NODE_ENV'] ??= 'production'
  const { mountScreen, frameOf } = await import('./mount-screen.tsx')
  const { stdout, stdin, now, environment, directory = '.', lingerMs = 10_000 } = options
  const frame = (shown: Shown): string =>
    frameOf(shown, { columns: stdout.columns, rows: stdout.rows })
  const saveSnapshot = async (shown: Shown): Promise<string> => {
    const clock = clockText(shown.view.elapsedMs).replaceAll(':', '-')
    const file = join(directory, `rusher-bench-${shown.view.plan.run}-${clock}.txt`)
    const text = stripVTControlCharacters(frame(shown)).replaceAll(/ +$/gm, '')
    await writeFile(file, `${text}\n`)
    return file
  }
  const model = createScreenModel(run, { look: lookOf(environment), now, lingerMs, saveSnapshot })
  try {
    const leaving = await drawn(run, model, mountScreen(model, stdout, stdin))
    if (leaving === 'keep') stdout.write(`${frame(model.shown())}\n`)
  } finally {
    model.close()
  }
}

/** Waits until the screen was left, and gives the terminal back. */
async function drawn(run: Run, model: ScreenModel, instance: Instance): Promise<unknown> {
  const exited = instance.waitUntilExit()
  try {
    return await Promise.race([model.left, exited, run.ended.then(() => model.left)])
  } finally {
    instance.unmount()
    await exited
  }
}
