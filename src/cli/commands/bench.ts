import type { Command } from 'commander'
import { addBenchFlags, type BenchFlags } from '../bench/bench-flags.ts'

/** Adds `rusher bench`. */
export function registerBench(program: Command): void {
  const bench = addBenchFlags(program.command('bench'))
    .description(
      'Measure what a server holds, from this machine or from many, and say so honestly.',
    )
    .addHelpText(
      'after',
      `
Ends with: 0 pass, 1 internal, 2 usage, 10 an objective was not met, 11 invalid since the generator was the limit,
12 a host could not be used, 13 the server was not reached or died, 14 regression, 130 interrupted.

Examples:
  rusher bench                                   a server of its own, 1,000 idle sessions, this machine
  rusher bench --scenario chat --set rate=1      rooms that talk; loss, order and doubles are checked
  rusher bench --target ws://10.0.0.5:8080 --clients hosts.txt -n 270000 --rate 2000 --duration 5m
`,
    )
    .action(async (flags: BenchFlags) => {
      const { runBench } = await import('../bench/run-bench.ts')
      process.exitCode = await runBench(flags)
    })
  void bench
}
