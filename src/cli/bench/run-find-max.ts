import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Result, SearchResult } from '../../../bench-harness/bundle/bundle.ts'
import { type Level, nextLevel } from '../../../bench-harness/controller/search.ts'
import { parseDurationMs } from '../../../bench-harness/plan/duration.ts'
import type { BenchFlags } from './bench-flags.ts'

/** What a level is measured for at most; the level that is found is measured for the whole duration. */
const levelMs = 10_000
const connectionsDefault = 10_000

/** One run, cleaned up after. */
export type RunOnce = (flags: BenchFlags, isQuiet: boolean) => Promise<Result>

/**
 * Finds the most connections that meet the thresholds: each level is a run of its own, on fresh
 * workers, and the level that was found is confirmed by one more from cold, over the whole
 * duration. That run's result is the answer.
 */
export async function findMax(
  flags: BenchFlags,
  runOnce: RunOnce,
  say: (text: string) => void,
): Promise<Result> {
  const most = flags.connections ?? connectionsDefault
  const shortMs = Math.min(levelMs, parseDurationMs(flags.duration ?? '30s') ?? levelMs)
  const levels: Level[] = []
  let stopped: string | undefined
  let last: Result | undefined
  for (;;) {
    const next = nextLevel(levels, most)
    if (next.kind === 'found' || stopped !== undefined) break
    const { connections } = next
    last = await runOnce(
      { ...flags, ...levelFolder(flags, connections), connections, duration: `${shortMs}ms` },
      true,
    )
    const held = last.verdict === 'pass'
    const why = last.reasons.join('; ')
    levels.push({ connections, held, why })
    say(`${connections.toLocaleString('en')} connections: ${held ? 'held' : `not held: ${why}`}`)
    if (last.exitCode === 130) return last
    // What the clients could not do says nothing of the server: more of it would not either.
    if (last.verdict === 'invalid' || (!held && last.limiter?.side === 'clients'))
      stopped = last.limiter?.proof ?? why
  }
  const found = nextLevel(levels, most)
  const pass = Math.max(0, ...levels.filter(({ held }) => held).map((one) => one.connections))
  const fail = found.kind === 'found' ? found.fail : undefined
  const confirming = pass === 0 ? last : await runOnce({ ...flags, connections: pass }, false)
  if (confirming === undefined) throw new Error('a search without a run')
  const search: SearchResult = {
    pass,
    ...(fail === undefined || stopped !== undefined ? {} : { fail }),
    clientLimited: stopped !== undefined,
    reason: reasonOf(levels, stopped, most),
    confirmed: pass > 0 && confirming.verdict === 'pass',
    levels,
  }
  const result: Result = { ...confirming, search }
  if (result.bundle !== undefined)
    await writeFile(join(result.bundle, 'result.json'), `${JSON.stringify(result, null, 2)}\n`)
  return result
}

function levelFolder({ out }: BenchFlags, connections: number): Pick<BenchFlags, 'out'> {
  return out === undefined ? {} : { out: join(out, `level-${connections}`) }
}

function reasonOf(levels: readonly Level[], stopped: string | undefined, most: number): string {
  if (stopped !== undefined) return `the clients were the bottleneck: ${stopped}`
  const failed = levels.filter(({ held }) => !held).sort((a, b) => a.connections - b.connections)
  return failed[0]?.why ?? `all ${most.toLocaleString('en')} that were asked for held`
}
