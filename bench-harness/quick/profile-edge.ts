import { renameSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'

/*
 * Preloaded into a server that is profiled. An edge process is ended by its core before node could write a profile, so it profiles itself from its
 * start, and SIGUSR2 has it write. Every other process leaves that to node.
 */

const folder = new URL(import.meta.url).searchParams.get('folder')

if (isMainThread && folder !== null && process.argv[1]?.endsWith('edge-main.js') === true) {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.start')
  process.once('SIGUSR2', async () => {
    const { profile } = await session.post('Profiler.stop')
    const path = join(folder, `CPU.edge.${process.pid}.0.001.cpuprofile`)
    writeFileSync(`${path}.part`, JSON.stringify(profile))
    // Whoever waits for it sees it when all of it is there.
    renameSync(`${path}.part`, path)
  })
}
