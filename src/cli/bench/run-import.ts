import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { importTsung } from '../../../bench-harness/tsung/import-tsung.ts'
import { planOfTsung } from '../../../bench-harness/tsung/tsung-plan.ts'
import { RusherError } from '../../protocol/index.ts'
import { exitCodeOf, exitCodes } from '../exit-codes.ts'

export interface ImportFlags {
  /** Where the plan goes; absent: to standard output. */
  readonly out?: string
}

/**
 * Makes a plan of a Tsung configuration and prints it; what is not carried over goes to standard error, a line each, so that the plan can be piped
 * on. Resolves to the exit code: 2 when the file cannot be read or has mistakes, each named with its line.
 */
export function runImport(file: string, flags: ImportFlags): number {
  try {
    const imported = importTsung(read(file))
    if ('mistakes' in imported) {
      for (const { line, message } of imported.mistakes)
        process.stderr.write(`${file}:${line}: ${message}\n`)
      return exitCodes.usage
    }
    for (const note of imported.notes) process.stderr.write(`note  ${file}, ${note}\n`)
    const { plan, notes } = planOfTsung(imported.script, randomBytes(4).toString('hex'))
    for (const note of notes) process.stderr.write(`note  ${file}: ${note}\n`)
    const text = `${JSON.stringify(plan, undefined, 2)}\n`
    if (flags.out === undefined) process.stdout.write(text)
    else {
      write(flags.out, text)
      const { connections, arrivalsPerSecond, target } = plan
      process.stderr.write(
        `${flags.out}: ${connections} connections, up to ${arrivalsPerSecond} a second, to ${target.urls.join(', ')}; run it with rusher bench --plan ${flags.out}\n`,
      )
    }
    return exitCodes.ok
  } catch (error) {
    if (!(error instanceof RusherError)) throw error
    process.stderr.write(`rusher: ${error.message}\n`)
    return exitCodeOf(error)
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new RusherError('USAGE', `${file} cannot be read: ${reasonOf(cause)}`, { cause })
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (cause) {
    throw new RusherError('USAGE', `${file} cannot be written: ${reasonOf(cause)}`, { cause })
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
