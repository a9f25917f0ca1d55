import type { Second } from '../bundle/bundle.ts'
import { emptyLedger } from '../ledger/ledger.ts'
import type { HostView } from '../view/run-view.ts'
import type { Fleet, WorkerState } from './fleet.ts'

/** How the hosts of a run look now. */
export function hostViews(fleet: Fleet, second: Second | undefined): readonly HostView[] {
  return fleet.hosts.map(({ name }) => {
    const workers = fleet.workers.filter(({ host, share }) => host === name && share.probe !== true)
    const own = second?.hosts.find((one) => one.name === name)
    const { state, stateText } = stateOf(workers, own?.staleS ?? 0)
    return {
      name,
      state,
      stateText,
      workers: workers.length,
      ready: own?.ready ?? 0,
      failed: own?.failed ?? 0,
      sentPerSecond: own?.sent ?? 0,
      loopUse: own?.loopUse ?? 0,
      lagP99Ms: own?.lagP99Ms ?? 0,
      cpu: own?.cpu ?? 0,
      rssBytes: own?.rssBytes ?? 0,
      ...(own?.portsLeft === undefined ? {} : { portsLeft: own.portsLeft }),
      ...(own === undefined ? {} : { descriptorsLeft: own.descriptorsLeft }),
      staleS: own?.staleS ?? 0,
      byWorker: workers.map((worker) => workerView(fleet, worker)),
    }
  })
}

function stateOf(
  workers: readonly WorkerState[],
  staleS: number,
): Pick<HostView, 'state' | 'stateText'> {
  const dead = workers.filter(({ state }) => state === 'dead').length
  if (dead === workers.length && dead > 0) return { state: 'dead', stateText: 'all workers died' }
  if (workers.some(({ state }) => state === 'preparing'))
    return { state: 'preparing', stateText: 'starting' }
  if (workers.every(({ state }) => state === 'done')) return { state: 'done', stateText: 'done' }
  if (staleS > 0) return { state: 'stale', stateText: `stale ${staleS} s` }
  return { state: 'running', stateText: dead > 0 ? `${dead} died` : 'ok' }
}

function workerView(fleet: Fleet, worker: WorkerState): HostView['byWorker'][number] {
  const ledger = fleet.ledgerOf(worker) ?? emptyLedger
  const health = worker.last?.health
  return {
    worker: worker.share.worker,
    ready: ledger.now.ready,
    loopUse: health?.loopUse ?? 0,
    lagP99Ms: health?.lagP99Ms ?? 0,
    rssBytes: health?.rssBytes ?? 0,
  }
}
