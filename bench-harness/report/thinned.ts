import type { HostSecond, Second } from '../bundle/bundle.ts'

/**
 * At most so many of a run's seconds, for drawing: each stands for those before it since the last, with their taints, and with the worst
 * that each host came to. Gauges are of that second itself; histograms are left out.
 */
export function thinned(seconds: readonly Second[], countMax: number): readonly Second[] {
  const every = Math.ceil(seconds.length / countMax)
  if (every <= 1) return seconds
  const groups = Map.groupBy(seconds.keys(), (index) => Math.floor(index / every))
  return [...groups.values()].flatMap((indexes) => {
    const group = indexes.flatMap((index) => seconds[index] ?? [])
    const last = group.at(-1)
    return last === undefined ? [] : [together(last, group)]
  })
}

function together(last: Second, group: readonly Second[]): Second {
  return {
    ...last,
    histograms: {},
    overloaded: [...new Set(group.flatMap(({ overloaded }) => overloaded))],
    hosts: last.hosts.map((host) =>
      worstOf(
        host,
        group.flatMap(({ hosts }) => hosts.filter(({ name }) => name === host.name)),
      ),
    ),
  }
}

function worstOf(last: HostSecond, all: readonly HostSecond[]): HostSecond {
  return {
    ...last,
    loopUse: Math.max(...all.map(({ loopUse }) => loopUse)),
    lagP99Ms: Math.max(...all.map(({ lagP99Ms }) => lagP99Ms)),
  }
}
