import type { Command } from 'commander'
import { addBenchFlags, type BenchFlags, share, whole } from '../bench/bench-flags.ts'
import type { DoctorFlags } from '../bench/gather-doctor.ts'
import type { CleanFlags } from '../bench/run-clean.ts'

interface CompareFlagsGiven extends BenchFlags {
  readonly anyway?: true
  readonly regression?: number
}

/** Adds `rusher bench` and what belongs to it. */
export function registerBench(program: Command): void {
  const bench = addBenchFlags(program.command('bench'))
    .description(
      'Measure what a server holds, from this machine or from many, and say so honestly.',
    )
    .addHelpText(
      'after',
      `
Scenarios: hold, echo, chat, broadcast, document, presence, churn, storm, slow-readers, restart, rolling,
  seed-2018.

In a header, and in the path and query of the target, {i} is the number of the connection and
{token} its token. Without {token}, a Rusher or Hocuspocus server gets the token in the first
message. Headers and tokens are not kept with a run.

Exit status: 0 pass, 1 internal error, 2 wrong usage, 10 a threshold was not met, 11 invalid: the
load generator could not keep its schedule, 12 a host could not be used, 13 the server was not
reached or died, 14 regression, 130 interrupted.

Examples:
  rusher bench                                   a server of its own, 1,000 idle sessions, this machine
  rusher bench --scenario chat --set rate=1      rooms that talk: loss, order, duplicates
  rusher bench --find-max --slo 'ready>=99.9% p99<50ms loss=0' -n 20000
  rusher bench --target ws://10.0.0.5:8080 --clients hosts.txt -n 270000 --rate 2000 --duration 5m
`,
    )
    .action(async (flags: BenchFlags) => {
      const { runBench } = await import('../bench/run-bench.ts')
      process.exitCode = await runBench(flags)
    })
  registerDoctor(bench)
  registerRunCommands(bench)
  bench
    .command('clean')
    .description('Remove what killed runs left behind: processes of them, locks, cached programs.')
    .option('--clients <file>', 'on these boxes instead of this machine')
    .option('--accept-new-host-keys', 'let ssh take keys of hosts that it never saw')
    .option('--json', 'one JSON line a host')
    .action(async (_flags: CleanFlags, command: Command) => {
      const { runClean } = await import('../bench/run-clean.ts')
      process.exitCode = await runClean(command.optsWithGlobals())
    })
}

function registerDoctor(bench: Command): void {
  bench
    .command('doctor')
    .description('Say how many connections these machines can hold, what limits them, and mend it.')
    .option('--clients <file>', 'hosts.txt; without it, this machine')
    .option('--target <url>', 'where the connections go (default: ws://127.0.0.1:8080)')
    .option('-n, --connections <number>', 'how many there are to be; fewer ends with 10', whole)
    .option('--ssh-config <file>', "another ssh configuration than the user's own")
    .option('--accept-new-host-keys', 'let ssh take keys of hosts that it never saw')
    .option('--ship-node', 'send our own Node to boxes that have none')
    .option('--fix', 'change settings that are in the way, after asking; they last until a restart')
    .option('--undo', 'give back every setting that was changed')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'one JSON line')
    .action(async (_flags: DoctorFlags, command: Command) => {
      const { runDoctorCommand } = await import('../bench/gather-doctor.ts')
      process.exitCode = await runDoctorCommand(command.optsWithGlobals())
    })
}

function registerRunCommands(bench: Command): void {
  bench
    .command('verify')
    .description('Work the figures of a run out again from its seconds, and name what differs.')
    .argument('<run>', 'its folder, or its id in ./rusher-runs')
    .option('--json', 'one JSON line')
    .action(async (run: string, _flags: object, command: Command) => {
      const { runVerifyBundle } = await import('../bench/run-verify-bundle.ts')
      process.exitCode = runVerifyBundle(run, command.optsWithGlobals<BenchFlags>().json === true)
    })
  bench
    .command('report')
    .description('Write the report of a run: one HTML file that needs nothing else.')
    .argument('<run>', 'its folder, or its id in ./rusher-runs')
    .option('--out <file>', 'where (default: report.html in its folder)')
    .option('--json', 'one JSON line')
    .action(async (run: string, _flags: object, command: Command) => {
      const { runReport } = await import('../bench/run-report.ts')
      const { out, json } = command.optsWithGlobals<BenchFlags>()
      process.exitCode = runReport(
        { run, json: json === true, ...(out === undefined ? {} : { out }) },
        { out: process.stdout, error: process.stderr },
      )
    })
  bench
    .command('compare')
    .description(
      'Hold runs against each other, with intervals and the noise of the runs themselves.',
    )
    .argument('<run...>', 'folders or ids; the first one says what the base is')
    .option('--regression <share>', 'worse by more than this ends with 14 (default: 0.05)', share)
    .option('--anyway', 'compare also other scenarios, and runs that are invalid')
    .option('--out <file>', 'where the page goes (default: comparison.html)')
    .option('--json', 'one JSON line')
    .addHelpText(
      'after',
      `
Runs of one variant are repetitions: label them, as in before=run1,run2,run3 after=run4,run5,run6. Without labels
variants are what differs between the plans.
`,
    )
    .action(async (runs: string[], _flags: object, command: Command) => {
      const { runCompare } = await import('../bench/run-compare.ts')
      const { out, json, anyway, regression } = command.optsWithGlobals<CompareFlagsGiven>()
      process.exitCode = runCompare(
        {
          runs,
          json: json === true,
          anyway: anyway === true,
          threshold: regression ?? 0.05,
          width: process.stdout.columns ?? 100,
          ...(out === undefined ? {} : { out }),
        },
        { out: process.stdout, error: process.stderr },
      )
    })
  bench
    .command('import')
    .description('Make a plan of a Tsung configuration; what cannot be taken along is named.')
    .argument('<file>', 'the configuration, as tsung.xml')
    .option('--out <file>', 'where the plan is written (default: standard output)')
    .addHelpText('after', '\nThen: rusher bench --plan plan.json\n')
    .action(async (file: string, _flags: object, command: Command) => {
      const { runImport } = await import('../bench/run-import.ts')
      const { out } = command.optsWithGlobals<BenchFlags>()
      process.exitCode = await runImport(file, out === undefined ? {} : { out })
    })
  bench
    .command('replay')
    .description('Run the plan of a run again, with the options of `rusher bench` for the rest.')
    .argument('<run>', 'its folder, or its id in ./rusher-runs')
    .action(async (run: string, _flags: object, command: Command) => {
      const [{ folderOfRun }, { runBench }] = await Promise.all([
        import('../bench/folder-of-run.ts'),
        import('../bench/run-bench.ts'),
      ])
      const flags = command.optsWithGlobals<BenchFlags>()
      process.exitCode = await runBench({ ...flags, plan: `${folderOfRun(run)}/plan.json` })
    })
}
