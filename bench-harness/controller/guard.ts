import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'

/*
 * Stands between the bench and a server that it starts: when the bench is gone, however it went, standard input ends, and the server is
 * ended too, and the folder that was made for it is removed. The one module here that acts when it is loaded. Arguments: the folder, the
 * server's program and its arguments.
 */

const [folder = '', file = '', ...words] = process.argv.slice(2)
let isAlone = false
const child = spawn(file, words, { stdio: ['ignore', 'inherit', 'inherit'] })
const send = (signal: NodeJS.Signals): void => void child.kill(signal)
child.on('exit', (code) => {
  if (isAlone) rmSync(folder, { recursive: true, force: true })
  process.exit(code ?? 1)
})
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
// A line on standard input is the signal to send; its end is the end.
const signals: Readonly<Record<string, NodeJS.Signals>> = {
  kill: 'SIGKILL',
  drain: 'SIGTERM',
  roll: 'SIGHUP',
}
createInterface({ input: process.stdin }).on('line', (word) => send(signals[word] ?? 'SIGKILL'))
process.stdin.on('end', () => {
  isAlone = true
  send('SIGKILL')
})
// A terminal sends these to all its processes; the bench decides when the server ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
