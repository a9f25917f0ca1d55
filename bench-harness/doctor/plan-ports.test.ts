import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { madeFacts } from '../../test/parts/made-facts.ts'
import { planPorts, portsOfSource, workersFor } from './plan-ports.ts'
import { formatPortList, parsePortList, portRangeOf, without } from './ports.ts'

const question = {
  facts: madeFacts(),
  workers: 3,
  sources: ['10.0.0.5', '10.0.0.6'],
  destinations: 2,
  listening: [],
}

describe('planPorts', () => {
  it('leaves the choice to the kernel when no address is asked for', () => {
    expect(planPorts({ ...question, sources: [] })).toEqual([
      { sources: [] },
      { sources: [] },
      { sources: [] },
    ])
  })

  it('leaves it to the kernel with one address and one destination, and not with two', () => {
    const one = { ...question, sources: ['10.0.0.5'] }
    expect(planPorts({ ...one, destinations: 1 })[0]).toEqual({ sources: ['10.0.0.5'] })
    expect(planPorts(one)[0]?.ports).toBeDefined()
  })

  it("gives each worker its third of the kernel's range", () => {
    expect(planPorts({ ...question, connections: 60_000 }).map(({ ports }) => ports)).toEqual([
      [32_768, 42_177],
      [42_178, 51_587],
      [51_588, 60_997],
    ])
  })

  it('goes beyond that range when it is too small', () => {
    const [first] = planPorts({ ...question, connections: 180_000 })
    expect(first?.ports?.[0]).toBe(20_000)
  })

  it('never gives a port twice, a reserved one, or one on which something listens', () => {
    const port = fc.integer({ min: 20_000, max: 65_535 })
    fc.assert(
      fc.property(
        fc.array(port, { maxLength: 20 }),
        fc.array(port, { maxLength: 5 }),
        fc.integer({ min: 1, max: 40 }),
        (reserved, listening, workers) => {
          const facts = madeFacts({}, { 'net.ipv4.ip_local_reserved_ports': reserved.join(',') })
          const seen = new Set([...reserved, ...listening])
          const taken = seen.size
          const lengths = planPorts({ ...question, facts, listening, workers }).map(({ ports }) => {
            const [first, last] = ports ?? [0, -1]
            for (let at = first; at <= last; at++) seen.add(at)
            return last - first + 1
          })
          expect(new Set(lengths).size).toBe(1)
          expect(lengths[0]).toBeGreaterThan(0)
          expect(seen.size).toBe(taken + workers * (lengths[0] ?? 0))
        },
      ),
    )
  })

  it('counts what a source has, by the kernel or by the plan', () => {
    expect(portsOfSource({ ...question, sources: [] })).toBe(28_232)
    expect(portsOfSource({ ...question, sources: [], listening: [40_000] })).toBe(28_231)
    expect(portsOfSource({ ...question, connections: 10 })).toBe(28_230)
  })
})

describe('workersFor', () => {
  it('leaves a core, and starts none that would have nothing to do', () => {
    expect(workersFor(100_000, madeFacts())).toBe(3)
    expect(workersFor(1_500, madeFacts())).toBe(2)
    expect(workersFor(10, madeFacts())).toBe(1)
    expect(workersFor(10_000, madeFacts({ cores: 1 }))).toBe(1)
  })

  it('starts more when one would have more than 50,000 or may not open as many', () => {
    expect(workersFor(500_000, madeFacts())).toBe(10)
    expect(workersFor(100_000, madeFacts({ descriptorsMax: 20_000 }))).toBe(6)
  })
})

describe('ports', () => {
  it('are read as the kernel writes them', () => {
    expect(portRangeOf(madeFacts())).toEqual({ first: 32_768, last: 60_999 })
    expect(
      portRangeOf(madeFacts({ system: 'Darwin' }, { 'net.ipv4.ip_local_port_range': '' })),
    ).toEqual({ first: 49_152, last: 65_535 })
    expect(parsePortList('8080,9000-9010\n')).toEqual([
      { first: 8_080, last: 8_080 },
      { first: 9_000, last: 9_010 },
    ])
    expect(parsePortList('\n')).toEqual([])
  })

  it('are written in order with neighbours joined', () => {
    expect(formatPortList(parsePortList('9001-9005,8080,9000,9004-9010'))).toBe('8080,9000-9010')
  })

  it('leave what is not taken out', () => {
    const range = { first: 10, last: 20 }
    expect(without(range, parsePortList('1-10,15,19-30'))).toEqual([
      { first: 11, last: 14 },
      { first: 16, last: 18 },
    ])
    expect(without(range, parsePortList('1-30'))).toEqual([])
  })
})
