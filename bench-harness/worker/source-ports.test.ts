import { describe, expect, it } from 'vitest'
import type { Destination, Source } from './endpoints.ts'
import { createSourcePorts, type SourcePorts } from './source-ports.ts'

const destinations = (count: number): Destination[] =>
  Array.from({ length: count }, (_, no) => ({
    host: '10.0.0.1',
    port: 8_080 + no,
    request: { bytesFor: () => Buffer.of(), accept: '' },
  }))

/** So many for each destination, in turns. */
function take(ports: SourcePorts, to: readonly Destination[], each: number): string[] {
  return Array.from({ length: each }, () =>
    to.map((destination) => {
      const { localAddress, localPort } = ports.next(destination) ?? {}
      return `${localAddress}:${localPort} ${destination.port}`
    }),
  ).flat()
}

const range = [40_000, 40_999] as const

describe('source ports', () => {
  it('are the choice of the kernel where no address is wanted', () => {
    const ports = createSourcePorts({ sources: [] })
    expect(destinations(2).map(ports.next)).toEqual([undefined, undefined])
    expect(ports.left).toBeUndefined()
  })

  it('are the choice of the kernel for addresses without a range, which take turns', () => {
    const ports = createSourcePorts({ sources: ['10.0.0.2', '10.0.0.3'] })
    expect(take(ports, destinations(1), 3)).toEqual([
      '10.0.0.2:undefined 8080',
      '10.0.0.3:undefined 8080',
      '10.0.0.2:undefined 8080',
    ])
    expect(ports.left).toBeUndefined()
  })

  it.each([
    [1, 1, 1_000],
    [1, 2, 2_000],
    [3, 1, 3_000],
    [3, 2, 6_000],
  ])('of %i addresses to %i destinations are %i, of which no two are the same', (from, to, all) => {
    const sources = Array.from({ length: from }, (_, no) => `10.0.0.${2 + no}`)
    const ports = createSourcePorts({ sources, ports: range })
    const taken = take(ports, destinations(to), from * 1_000)
    expect(new Set(taken).size).toBe(all)
    expect(ports.left).toBe(0)
  })

  it('are left for the destination that has the fewest', () => {
    const ports = createSourcePorts({ sources: ['10.0.0.2'], ports: range })
    const [first, second] = destinations(2)
    if (first === undefined || second === undefined) throw new Error('two were made')
    take(ports, [first], 600)
    take(ports, [second], 10)
    expect(ports.left).toBe(400)
  })

  it('that ran out are asked of the kernel, and less than none is never left', () => {
    const ports = createSourcePorts({ sources: ['10.0.0.2'], ports: [40_000, 40_001] })
    expect(take(ports, destinations(1), 3).at(-1)).toBe('10.0.0.2:undefined 8080')
    expect(ports.left).toBe(0)
  })

  it('are given again once a socket has closed, and never one that is in use', () => {
    const ports = createSourcePorts({ sources: ['10.0.0.2'], ports: [40_000, 40_009] })
    const [destination] = destinations(1)
    if (destination === undefined) throw new Error('one was made')
    const inUse = new Set<string>()
    const open: Source[] = []
    for (let no = 0; no < 1_000; no += 1) {
      const source = ports.next(destination)
      if (source?.localPort === undefined) throw new Error('there is one left')
      expect(inUse).not.toContain(String(source.localPort))
      inUse.add(String(source.localPort))
      open.push(source)
      // The first two stay; of the others the oldest goes when ten are open.
      const [gone] = open.length === 10 ? open.splice(2, 1) : []
      if (gone === undefined) continue
      inUse.delete(String(gone.localPort))
      ports.release(destination, gone)
    }
    expect(ports.left).toBe(1)
  })
})
