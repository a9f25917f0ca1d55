import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread } from 'node:worker_threads'

/*
 * Preloaded into the servers that are weighed, ours and the bare one alike: SIGUSR2 collects garbage, so that what is weighed is
 * what is held, and not how lately the collector ran.
 */

if (isMainThread) {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  process.on('SIGUSR2', () => collect())
}
