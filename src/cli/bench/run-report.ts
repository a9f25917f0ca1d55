import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hlogOf } from '../../../bench-harness/bundle/hlog.ts'
import { readBundle } from '../../../bench-harness/bundle/read-bundle.ts'
import { writeReport } from '../../../bench-harness/report/write-report.ts'
import { RusherError } from '../../protocol/index.ts'
import { benchExitOf, benchExits } from './bench-exits.ts'
import { folderOfRun } from './folder-of-run.ts'

export interface ReportFlags {
  /** The run's folder or id. */
  readonly run: string
  /** Where the page goes; otherwise `report.html` in the run's folder. */
  readonly out?: string
  readonly json: boolean
}

/** Where a command's words go. */
export interface Streams {
  readonly out: NodeJS.WritableStream
  readonly error: NodeJS.WritableStream
}

/** What was written of a run. */
export interface ReportFiles {
  readonly report: string
  /** Its latencies as HdrHistogram's interval log. */
  readonly hlog: string
}

/** Writes a run's report, and the path of it. Resolves to the exit code. */
export function runReport({ run, out, json }: ReportFlags, streams: Streams): number {
  try {
    const files = reportOn(folderOfRun(run), out)
    streams.out.write(
      json
        ? `${JSON.stringify({ v: 1, event: 'report', run, ...files })}\n`
        : `${files.report}\n${files.hlog}\n`,
    )
    return benchExits.pass
  } catch (error) {
    if (!(error instanceof RusherError)) throw error
    streams.error.write(`rusher: ${error.message}\n`)
    return benchExitOf(error)
  }
}

/** Writes the report of the run in a folder, and its interval log beside it. Throws a `RusherError` when either cannot be. */
export function reportOn(folder: string, out = join(folder, 'report.html')): ReportFiles {
  const bundle = readBundle(folder)
  const hlog = join(folder, 'latency.hlog')
  writeText(out, writeReport(bundle))
  writeText(hlog, hlogOf(bundle))
  return { report: out, hlog }
}

/** Writes a file, or says in a `RusherError` (`REPORT_WRITE`) where else to. */
export function writeText(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new RusherError(
      'REPORT_WRITE',
      `${path} cannot be written (${why}); name another file with --out`,
      { cause },
    )
  }
}
