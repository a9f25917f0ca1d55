import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { imbalanceOf } from '../../bench-harness/ledger/ledger.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { type RunningBench, startBench } from './parts/run-bench.ts'
import { type SmallNetwork, smallNetwork, tryNetwork } from './parts/small-network.ts'

const obstacle = tryNetwork()

const words = ['--scenario', 'hold', '--dialect', 'plain', '--rate', '1000', '--timeout', '5s']
const times = ['--duration', '1s', '--settle', '0s', '--overloaded-max', '1']

async function hold(
  { within }: SmallNetwork,
  connections: number,
  target: readonly string[],
): Promise<RunningBench> {
  const count = ['-n', String(connections)]
  const bench = startBench([...words, ...times, ...count, '--target', ...target], { within })
  await bench.untilResult()
  expect(bench.seconds.filter(({ ledger }) => imbalanceOf(ledger) !== 0)).toEqual([])
  return bench
}

if (obstacle !== undefined) {
  // Where tests must not be skipped, there has to be such a network.
  test.skipIf(process.env['CI'] !== 'true')('source ports can be tested', () => {
    expect.fail(obstacle)
  })
} else
  describe('with a thousand source ports', () => {
    test('one server port takes a thousand, and the rest is said to be our side', async () => {
      const network = smallNetwork(40_000, 40_999)
      const port = await network.serve(1)
      const { result, stderr } = await hold(network, 1_500, [`ws://127.0.0.1:${port}`])
      const { ready = 0, failed = {} } = result?.ledger ?? {}
      expect(failed).toEqual({ src_ports: 1_500 - ready })
      // Of the thousand ports the probe has some, and none is left over.
      expect(ready).toBeGreaterThan(950)
      expect(ready).toBeLessThanOrEqual(1_000)
      expect(result).toMatchObject({ verdict: 'fail', exitCode: 10 })
      expect(result?.reasons.join()).toMatch(/src_ports \d+ \(our side\)/)
      expect(result?.limiter).toMatchObject({ side: 'clients' })
      expect(stderr).toMatch(/limited by (?:source )?ports/)
    })

    test('two source addresses to two server ports are four thousand, each port bound by us', async () => {
      const network = smallNetwork(40_000, 40_999)
      network.add('10.77.0.2')
      network.add('10.77.0.3')
      const port = await network.serve(2)
      const hosts = join(temporaryDirectory(), 'hosts.txt')
      writeFileSync(hosts, 'localhost src=10.77.0.2-3\n')
      const target = [`ws://127.0.0.1:${port}`, '--server-ports', '2', '--clients', hosts]
      const { result } = await hold(network, 3_900, target)
      expect(result).toMatchObject({
        verdict: 'pass',
        exitCode: 0,
        ledger: { scheduled: 3_900, ready: 3_900, failed: {} },
      })
    })

    test('two server ports take two thousand', async () => {
      const network = smallNetwork(40_000, 40_999)
      const port = await network.serve(2)
      const target = [`ws://127.0.0.1:${port}`, '--server-ports', '2']
      const { result } = await hold(network, 1_980, target)
      expect(result).toMatchObject({
        verdict: 'pass',
        exitCode: 0,
        ledger: { scheduled: 1_980, ready: 1_980, failed: {} },
      })
    })
  })
