import type { ServerSecond } from '../bundle/bundle.ts'
import type { ServerSide } from './server-side.ts'

/** Several views of one server as one. Where two of them have the same figure, the one named first counts. */
export function combineServerSides(sides: readonly ServerSide[]): ServerSide {
  return {
    async sample() {
      return mergeSeconds(await Promise.all(sides.map((side) => side.sample())))
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
