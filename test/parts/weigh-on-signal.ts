import { renameSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread } from 'node:worker_threads'

/*
 * Preloaded into a server that is weighed: at SIGUSR2 each of its processes collects its garbage and writes what JavaScript holds then to
 * weight-<pid>.json in its working folder. See weigh.ts.
 */

/** What is finalized after a collection goes with the next, so it is collected until nothing more goes. */
const collectionsMax = 20
const restMs = 50

if (isMainThread) {
  // Code that was not run lately would be thrown away by some collection or other, and that is no session's doing.
  setFlagsFromString('--no-flush-bytecode')
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  let no = 0
  process.on('SIGUSR2', () => {
    no += 1
    void tell(no, collect)
  })
}

async function tell(no: number, collect: () => void): Promise<void> {
  let bytes = Number.POSITIVE_INFINITY
  for (let collections = 0; collections < collectionsMax; collections += 1) {
    const before = bytes
    collect()
    // At once: what a server does every second would leave its garbage here.
    bytes = Math.min(before, heldBytes())
    if (bytes === before) break
    await pause(restMs)
  }
  const path = `weight-${process.pid}.json`
  writeFileSync(`${path}.new`, JSON.stringify({ no, bytes }))
  renameSync(`${path}.new`, path)
}

/** The heap without compiled code, which comes and goes as it likes, and what hangs on it outside: buffers, for the most part. */
function heldBytes(): number {
  const spaces = getHeapSpaceStatistics().filter(
    ({ space_name: name }) => !/code|trusted/.test(name),
  )
  return spaces.reduce((sum, space) => sum + space.space_used_size, process.memoryUsage().external)
}
