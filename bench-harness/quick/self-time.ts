import { basename } from 'node:path'

/** A processor profile as V8 writes it: samples are ids of nodes, each with the microseconds since the one before. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: {
      readonly functionName: string
      readonly url: string
      readonly lineNumber: number
    }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

export interface SelfTime {
  /** The function and where it stands; V8's own entries in brackets, as it names them. */
  readonly where: string
  readonly ms: number
  /** Of the time that was not idle. */
  readonly share: number
}

/** Milliseconds that a profile was not idle, and its functions by the time spent in themselves, the most first. */
export function selfTimesOf({ nodes, samples, timeDeltas }: CpuProfile): {
  readonly busyMs: number
  readonly rows: readonly SelfTime[]
} {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const usOf = new Map<string, number>()
  let busyUs = 0
  samples.forEach((id, no) => {
    const where = names.get(id) ?? '(unknown)'
    // What a sample saw went on until the next.
    const us = timeDeltas[no + 1] ?? 0
    if (where === '(idle)') return
    busyUs += us
    usOf.set(where, (usOf.get(where) ?? 0) + us)
  })
  const rows = [...usOf]
    .sort(([, a], [, b]) => b - a)
    .map(([where, us]) => ({ where, ms: us / 1_000, share: busyUs === 0 ? 0 : us / busyUs }))
  return { busyMs: busyUs / 1_000, rows }
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][0]['callFrame']): string {
  if (functionName.startsWith('(')) return functionName
  const file = url === '' ? 'native' : basename(url)
  return `${functionName === '' ? '(anonymous)' : functionName} ${file}:${lineNumber + 1}`
}
