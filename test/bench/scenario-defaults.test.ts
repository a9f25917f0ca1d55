import { describe, expect, it } from 'vitest'
import { scenarios } from '../../bench-harness/scenario/scenarios.ts'
import { startBench } from './parts/run-bench.ts'

/** `script` is what an import makes of a Tsung configuration, and has no defaults. */
const names = scenarios.map(({ name }) => name).filter((name) => name !== 'script')

/** Shortened; the machine is busy with the other runs, which is not what is judged here. */
const short = [
  ...['-n', '200', '--rate', '400', '--settle', '0s', '--duration', '3s'],
  ...['--overloaded-max', '1'],
]

describe.concurrent('the defaults of a scenario', () => {
  it.for(names)('are met by a healthy server: %s', async (name, { onTestFinished }) => {
    const bench = startBench(['--scenario', name, ...short], { atEnd: onTestFinished })
    const { verdict, reasons, peak, messages } = await bench.untilResult()
    expect(`${verdict}: ${reasons.join('; ')}`).toMatch(/^pass: /)
    expect(peak).toMatchObject({ ready: 200, held: 200 })
    expect(messages).toMatchObject({ unanswered: 0, undelivered: 0, missing: 0 })
  })
})
