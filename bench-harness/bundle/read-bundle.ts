import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { RusherError } from '../../src/protocol/errors.ts'
import type { Plan } from '../plan/plan.ts'
import type { Environment, Result, RunBundle, RunEvent, Second } from './bundle.ts'
import { bundleFiles } from './bundle-files.ts'
import {
  environmentSchema,
  eventSchema,
  planSchema,
  resultSchema,
  secondSchema,
} from './bundle-schema.ts'
import { resultOfCutRun } from './cut-run.ts'
import { planOfToday, resultOfToday, secondOfToday } from './older-versions.ts'

/** What an earlier version wrote, in today's form. */
type OfToday = (value: unknown) => unknown

/**
 * Reads a run's folder. One without a result was cut short: its figures are worked out from the seconds that are there, it is `invalid`
 * with exit code 130, and a last line that was half written is left out. Throws a `RusherError` (`BUNDLE`) that names the file, the line
 * and the field that is wrong.
 */
export function readBundle(folder: string): RunBundle {
  const whole = (
    file: keyof typeof bundleFiles,
    schema: v.GenericSchema,
    ofToday: OfToday = (value) => value,
  ): unknown => parseJson(textOf(folder, file), schema, join(folder, bundleFiles[file]), ofToday)
  const resultText = textIfThere(folder, 'result')
  const cut = resultText === undefined
  const lines = (
    file: keyof typeof bundleFiles,
    schema: v.GenericSchema,
    ofToday: OfToday = (value) => value,
  ): unknown[] => {
    const path = join(folder, bundleFiles[file])
    const texts = linesOf(textIfThere(folder, file) ?? '', cut)
    return texts.map((line, index) => parseJson(line, schema, `${path}:${index + 1}`, ofToday))
  }
  const plan = whole('plan', planSchema, planOfToday) as Plan
  const seconds = lines('seconds', secondSchema, secondOfToday) as Second[]
  return {
    plan,
    environment: whole('environment', environmentSchema) as Environment,
    seconds,
    events: lines('events', eventSchema) as RunEvent[],
    result: cut
      ? resultOfCutRun(plan, seconds)
      : (whole('result', resultSchema, resultOfToday) as Result),
  }
}

function textOf(folder: string, file: keyof typeof bundleFiles): string {
  const text = textIfThere(folder, file)
  if (text === undefined)
    throw new RusherError(
      'BUNDLE',
      `${folder} is no run: it has no ${bundleFiles[file]}; name the folder that rusher bench printed at the end`,
    )
  return text
}

function textIfThere(folder: string, file: keyof typeof bundleFiles): string | undefined {
  const path = join(folder, bundleFiles[file])
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const code = (cause as { readonly code?: unknown }).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new RusherError('BUNDLE', `${path} cannot be read (${String(code)})`, { cause })
  }
}

function linesOf(text: string, cut: boolean): readonly string[] {
  const lines = text.split('\n')
  // What follows the last line end was half written when the run was cut.
  if (cut || lines.at(-1) === '') lines.pop()
  return lines
}

function parseJson(
  text: string,
  schema: v.GenericSchema,
  place: string,
  ofToday: OfToday,
): unknown {
  let value: unknown
  try {
    value = ofToday(JSON.parse(text))
  } catch (cause) {
    throw new RusherError(
      'BUNDLE',
      `${place}: not JSON (${cause instanceof Error ? cause.message : String(cause)}); the file was changed or is damaged`,
      { cause },
    )
  }
  const parsed = v.safeParse(schema, value)
  // The schema has looked at every field that the types name.
  if (parsed.success) return value
  const [issue] = parsed.issues
  const field = issue.path?.map(({ key }) => String(key)).join('.') ?? ''
  throw new RusherError(
    'BUNDLE',
    `${place}: ${field === '' ? '' : `${field}: `}${issue.message}; the file was changed, or written by another version`,
  )
}
