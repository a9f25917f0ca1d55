/** A controller as a process of its own, to be killed: opens hosts, starts two workers on each, says so, and waits. */
import { setTimeout as pause } from 'node:timers/promises'
import type { FromRunner } from '../../../bench-harness/control/messages.ts'
import { openHosts } from '../../../bench-harness/host/open-hosts.ts'
import { readWorkerBundle } from '../../../bench-harness/host/worker-bundle.ts'
import { parseHosts } from '../../../bench-harness/hosts/hosts-file.ts'
import { smallPlan } from './small-plan.ts'

const [, , run = '', bundlePath, hosts = '', ...sshWords] = process.argv

const opened = await openHosts(parseHosts(hosts).hosts, {
  run,
  lifetimeMs: 120_000,
  bundle: readWorkerBundle(bundlePath),
  shipNode: false,
  sshWords,
  chance: Math.random,
  pause,
  progress: () => undefined,
})
const plan = smallPlan(run, 'ws://127.0.0.1:9/', 10)
let left = opened.length * 2
opened.forEach(({ line }, index) => {
  line.onMessage((message: FromRunner) => {
    if (message.type !== 'prepared') return
    left -= 1
    if (left === 0) process.stdout.write('ready\n')
  })
  const workers = [index * 2, index * 2 + 1].map((worker) => ({
    worker,
    workers: opened.length * 2,
    sources: [],
  }))
  line.send({ type: 'prepare', plan, workers })
})
