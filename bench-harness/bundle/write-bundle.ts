import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { RusherError } from '../../src/protocol/errors.ts'
import type { Plan } from '../plan/plan.ts'
import type { Environment, Result, RunEvent, Second } from './bundle.ts'
import { bundleFiles } from './bundle-files.ts'

/** Writes a run down while it goes on. Each call has handed what it was given to the system when it returns. */
export interface BundleWriter {
  readonly folder: string
  plan(plan: Plan): void
  /** May be called again: what is known at the end replaces what was known at the beginning. */
  environment(environment: Environment): void
  second(second: Second): void
  event(event: RunEvent): void
  /** Writes the result, and brings all files onto the disk. */
  result(result: Result): void
}

/**
 * Makes a folder for a run, with those above it. A process that is killed leaves all seconds before the one it was in. Throws a
 * `RusherError` (`BUNDLE_EXISTS`, `BUNDLE_WRITE`) when the folder holds a run, or cannot be written.
 */
export function createBundleWriter(folder: string): BundleWriter {
  const path = (file: keyof typeof bundleFiles) => join(folder, bundleFiles[file])
  const put = (what: () => void) => {
    try {
      what()
    } catch (cause) {
      throw new RusherError(
        'BUNDLE_WRITE',
        `the run cannot be written to ${folder} (${cause instanceof Error ? cause.message : cause}); name a folder with room that you may write, with --out`,
        { cause },
      )
    }
  }
  if (existsSync(path('plan')))
    throw new RusherError('BUNDLE_EXISTS', `${folder} holds a run already; name another folder`)
  put(() => mkdirSync(folder, { recursive: true }))
  const whole = (file: keyof typeof bundleFiles, value: unknown) =>
    put(() => replace(path(file), `${JSON.stringify(value, null, 2)}\n`))
  const line = (file: keyof typeof bundleFiles, value: unknown) =>
    put(() => appendFileSync(path(file), `${JSON.stringify(value)}\n`))
  return {
    folder,
    plan: (plan) => whole('plan', plan),
    environment: (environment) => whole('environment', environment),
    second: (second) => line('seconds', second),
    event: (event) => line('events', event),
    result(result) {
      whole('result', result)
      put(() => {
        for (const file of ['seconds', 'events'] as const)
          if (existsSync(path(file))) bringToDisk(path(file))
      })
    },
  }
}

/** A reader sees the old file or the new one, and never a part. */
function replace(path: string, text: string): void {
  const next = `${path}.next`
  writeFileSync(next, text, { flush: true })
  renameSync(next, path)
}

function bringToDisk(path: string): void {
  const descriptor = openSync(path, 'r+')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
