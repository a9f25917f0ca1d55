/*
 * What runs on a client's machine, bundled to one file: `runner <run> <lifetime in ms> [<folder>]`, which is spoken to over its standard
 * input and output, and the workers that it starts.
 */
import { runRunner } from './runner/runner.ts'
import { parentPort } from './worker/worker-port.ts'

const [, program = '', role, ...words] = process.argv

switch (role) {
  case 'runner':
    runRunner(program, words)
    break
  case 'worker': {
    const { runWorker } = await import('./worker/worker.ts')
    runWorker(parentPort(process))
    break
  }
  default:
    process.stderr.write('This file is started by rusher bench.\n')
    process.exitCode = 2
}
