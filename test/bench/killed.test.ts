import { existsSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readBundle } from '../../bench-harness/bundle/read-bundle.ts'
import { verifyBundle } from '../../bench-harness/bundle/verify-bundle.ts'
import { imbalanceOf } from '../../bench-harness/ledger/ledger.ts'
import { isAlive } from '../parts/processes.ts'
import type { AtEnd } from '../parts/serve.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'
import {
  type ProcessOfRun,
  processesBelow,
  processesNaming,
  runIn,
} from './parts/processes-of-run.ts'
import { bundleOf, type RunningBench, startBench } from './parts/run-bench.ts'

interface Side {
  readonly onTestFinished: AtEnd
}

/** Starts a run of `hold` on a server of its own, and waits until it measures. */
async function measuring(
  duration: string,
  { onTestFinished }: Side,
  more: readonly string[] = [],
): Promise<{ readonly bench: RunningBench; readonly family: readonly ProcessOfRun[] }> {
  const words = ['--scenario', 'hold', '-n', '50', '--settle', '0s', '--duration', duration]
  const bench = startBench([...words, '--overloaded-max', '1', ...more], { atEnd: onTestFinished })
  await bench.untilPhase('measure')
  return { bench, family: processesBelow(bench.pid) }
}

function pidOf(family: readonly ProcessOfRun[], kind: ProcessOfRun['kind']): number {
  const found = family.find((one) => one.kind === kind)
  if (found === undefined) throw new Error(`the run has no ${kind}`)
  return found.pid
}

function keptIn(folder: string): string {
  return join(folder, 'rusher-runs', runIn(folder))
}

function expectBalance({ seconds }: RunningBench): void {
  expect(seconds.length).toBeGreaterThan(0)
  expect(seconds.filter(({ ledger }) => imbalanceOf(ledger) !== 0)).toEqual([])
}

async function nothingIsLeft(family: readonly ProcessOfRun[], run: string): Promise<void> {
  await until('no process of the run is left', () => !family.some(({ pid }) => isAlive(pid)))
  expect(processesNaming(run)).toEqual([])
}

describe.concurrent('a run', () => {
  it('of which the controller is killed leaves no process, and nothing of its server', async (side) => {
    const { bench, family } = await measuring('60s', side)
    expect(family.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['runner', 'worker', 'probe', 'server']),
    )
    const folder = readlinkSync(`/proc/${pidOf(family, 'server')}/cwd`)
    bench.signal('SIGKILL')
    await bench.ended
    await nothingIsLeft(family, runIn(bench.folder))
    expect(existsSync(folder)).toBe(false)
  })

  it('of which a worker is killed counts its sessions as failed by that', async (side) => {
    const { bench, family } = await measuring('60s', side)
    process.kill(pidOf(family, 'worker'), 'SIGKILL')
    const result = await bench.untilResult()
    expect(result.ledger).toMatchObject({ scheduled: 50, balanced: true })
    expect(result.ledger.failed).toEqual({ worker_died: 50 })
    expect(result).toMatchObject({ verdict: 'invalid', exitCode: 11 })
    expect(await bench.exitCode()).toBe(11)
    expect(bench.lines).toContainEqual(
      expect.objectContaining({ kind: 'fault', text: expect.stringMatching(/died: SIGKILL/) }),
    )
    expectBalance(bench)
    await nothingIsLeft(family, result.run)
  })

  it('of which one worker of two is killed goes on with the other, and is no pass', async (side) => {
    const hosts = join(temporaryDirectory(side.onTestFinished), 'hosts.txt')
    writeFileSync(hosts, 'localhost workers=2\n')
    const { bench, family } = await measuring('4s', side, ['--clients', hosts])
    process.kill(pidOf(family, 'worker'), 'SIGKILL')
    const result = await bench.untilResult()
    expect(result).toMatchObject({ verdict: 'invalid', exitCode: 11 })
    expect(result.ledger).toMatchObject({ scheduled: 50, ready: 50, closed: 25, balanced: true })
    expect(result.ledger.failed).toEqual({ worker_died: 25 })
    expectBalance(bench)
  })

  it('of which the own server is killed ends by that', async (side) => {
    const { bench, family } = await measuring('60s', side)
    process.kill(pidOf(family, 'server'), 'SIGKILL')
    const result = await bench.untilResult()
    expect(await bench.exitCode()).toBe(13)
    expect(result).toMatchObject({ verdict: 'fail', exitCode: 13 })
    expect(result.reasons[0]).toContain('the server died')
    expectBalance(bench)
    await nothingIsLeft(family, result.run)
  })

  it('of which a worker stands still shows its host as stale until it goes on', async (side) => {
    const { bench, family } = await measuring('10s', side)
    const states = (): readonly string[] =>
      bench.lines.flatMap((line) => (line.event === 'host' ? [line.state] : []))
    const worker = pidOf(family, 'worker')
    process.kill(worker, 'SIGSTOP')
    await until('the host is stale', () => states().at(-1) === 'stale')
    process.kill(worker, 'SIGCONT')
    await until('the host runs again', () => states().at(-1) === 'running')
    const result = await bench.untilResult()
    expect(result.ledger).toMatchObject({ scheduled: 50, ready: 50, balanced: true })
    expect(bench.seconds.some(({ overloaded }) => overloaded.join().includes('not heard'))).toBe(
      true,
    )
    expectBalance(bench)
  })

  it('whose terminal is closed ends with a result, and leaves no process', async (side) => {
    const { bench, family } = await measuring('60s', side)
    bench.closeOutput()
    // A terminal tells all processes in its foreground.
    for (const pid of [bench.pid, ...family.map((one) => one.pid)]) process.kill(pid, 'SIGHUP')
    expect(await bench.exitCode()).toBe(130)
    await nothingIsLeft(family, runIn(bench.folder))
    expect(readBundle(keptIn(bench.folder)).result).toMatchObject({ ledger: { ready: 50 } })
  })

  it('whose output is closed ends with a result', async (side) => {
    const { bench, family } = await measuring('60s', side)
    bench.closeOutput()
    expect(await bench.exitCode()).toBe(130)
    await nothingIsLeft(family, runIn(bench.folder))
    const kept = readBundle(keptIn(bench.folder))
    expect(kept.result).toMatchObject({ exitCode: 130, ledger: { ready: 50, closed: 50 } })
    expect(verifyBundle(kept)).toEqual([])
  })

  it('that is interrupted drains, gives its result, and is kept whole', async (side) => {
    const { bench, family } = await measuring('60s', side)
    bench.signal('SIGINT')
    const result = await bench.untilResult()
    expect(await bench.exitCode()).toBe(130)
    expect(result).toMatchObject({ exitCode: 130, ledger: { ready: 50, closed: 50 } })
    expect(bench.seconds.at(-1)?.phase).toBe('drain')
    expectBalance(bench)
    const kept = readBundle(bundleOf(bench))
    expect(kept.result).toEqual(result)
    expect(kept.seconds).toHaveLength(bench.seconds.length)
    expect(verifyBundle(kept)).toEqual([])
    await nothingIsLeft(family, result.run)
  })
})
