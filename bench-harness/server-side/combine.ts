import type { ServerSecond } from '../bundle/bundle.ts'
import { patiently } from './patiently.ts'
import type { ServerSide } from './server-side.ts'

/** So long a second waits for a view; what comes later belongs to the next one. */
const waitMsUsual = 500

/**
 * Several views of one server as one. Where two of them have the same figure, the one named first counts. A second never waits longer than
 * `waitMs`: a view that is slow then, since the server's machine is, is in the next.
 */
export function combineServerSides(sides: readonly ServerSide[], waitMs = waitMsUsual): ServerSide {
  const views = sides.map((side) => patiently(() => side.sample(), waitMs))
  return {
    async sample() {
      const seconds = await Promise.all(views.map((view) => view.now(undefined)))
      return mergeSeconds(seconds.map((second) => second ?? {}))
    },
    async facts() {
      const all = await Promise.all(sides.map((side) => side.facts()))
      return Object.assign({}, ...all.reverse())
    },
    async close() {
      await Promise.all(sides.map((side) => side.close()))
    },
  }
}

/** Field by field, and counter by counter, the first that is there. */
export function mergeSeconds(seconds: readonly ServerSecond[]): ServerSecond {
  const first = [...seconds].reverse()
  const counters = Object.assign({}, ...first.map((second) => second.counters))
  const merged: ServerSecond = Object.assign({}, ...first)
  return Object.keys(counters).length === 0 ? merged : { ...merged, counters }
}
