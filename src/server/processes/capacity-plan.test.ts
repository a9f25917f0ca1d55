import { describe, expect, test } from 'vitest'
import { type Asked, type Machine, planCapacity, semiSpaceOf } from './capacity-plan.ts'

const machine: Machine = {
  cores: 4,
  memoryBytes: 8e9,
  heapLimitBytes: 2_096 * 1024 * 1024,
  descriptorsMax: 20_000,
  fileMax: 800_000,
  somaxconn: 4_096,
  tcpPressurePages: 400_000,
}
const many: Machine = { ...machine, descriptorsMax: 1_048_576 }

function plan(asked: Partial<Asked>, on: Machine = machine): ReturnType<typeof planCapacity> {
  return planCapacity({ capacity: 1_000, sessionsMax: 100_000, ...asked }, on)
}

describe('the number of edges', () => {
  test.each([
    { capacity: 1, on: machine, edges: 0 },
    { capacity: 19_744, on: machine, edges: 0 },
    // 256 descriptors are kept back, and from here on several processes share.
    { capacity: 19_745, on: machine, edges: 2 },
    { capacity: 101_000, on: machine, edges: 6 },
    { capacity: 270_000, on: machine, edges: 15 },
    { capacity: 20_000, on: many, edges: 0 },
    // A core for each 10,000 sessions, where there are so many.
    { capacity: 20_001, on: many, edges: 3 },
    { capacity: 270_000, on: many, edges: 4 },
    { capacity: 1_000_000, on: many, edges: 11 },
    { capacity: 270_000, on: { ...many, cores: 64 }, edges: 27 },
    { capacity: 50_000, on: { ...many, cores: 1 }, edges: 0 },
  ])(
    'for $capacity sessions on $on.cores cores with $on.descriptorsMax files is $edges',
    ({ capacity, on, edges }) => {
      expect(plan({ capacity }, on).edges).toBe(edges)
    },
  )

  test('leaves room for the fullest of them, which the kernel picks by chance', () => {
    for (let capacity = 25_000; capacity < 1_500_000; capacity += 9_973) {
      const { edges } = plan({ capacity })
      const mean = capacity / edges
      expect(mean + 6 * Math.sqrt(mean)).toBeLessThanOrEqual(19_744)
    }
  })

  test('is what was asked for where that is enough', () => {
    expect(plan({ capacity: 101_000, edges: 8 })).toMatchObject({ edges: 8, sessionsMean: 12_625 })
    expect(plan({ capacity: 1_000, edges: 0 }).edges).toBe(0)
    expect(plan({ capacity: 1_000, edges: 2 }).edges).toBe(2)
  })

  test('without a limit of files follows from the sessions that a process may hold', () => {
    const { descriptorsMax: _, ...unknown } = machine
    const { edges, sessionsMax, ...rest } = plan(
      { capacity: 150_000, sessionsMax: 50_000 },
      unknown,
    )
    expect({ edges, sessionsMax }).toEqual({ edges: 4, sessionsMax: 50_000 })
    expect(rest).not.toHaveProperty('descriptorsMax')
  })
})

describe('what a process takes', () => {
  test('is its share while another edge is away, and what chance adds', () => {
    // 300 / 2 = 150, and 6 x 12.2 of chance.
    expect(plan({ capacity: 300, edges: 3 }).sessionsMax).toBe(224)
  })

  test('is never more than its files, and in one process a little more than was asked for', () => {
    expect(plan({ capacity: 270_000 }).sessionsMax).toBe(19_744)
    expect(plan({ capacity: 10_000 }).sessionsMax).toBe(10_600)
  })
})

describe('heaps', () => {
  test('of edges hold a full edge with room to spare', () => {
    expect(plan({ capacity: 270_000 }).edgeHeap).toEqual({ oldSpaceMb: 288, semiSpaceMb: 2 })
    expect(plan({ capacity: 270_000 }, { ...machine, memoryBytes: 32e9 }).edgeHeap.oldSpaceMb).toBe(
      384,
    )
  })

  test('of many edges stay within three fifths of the machine, as long as a full edge still works', () => {
    const small = { ...machine, memoryBytes: 7.5e9 }
    const { edges, edgeHeap, coreHeapMb } = plan({ capacity: 270_000 }, small)
    const { oldSpaceMb = 0 } = edgeHeap
    expect(edges * (oldSpaceMb - 32) + coreHeapMb).toBeLessThan((0.6 * 7.5e9) / 1024 ** 2)
    // 64 MB and 8 KB for each of 19,744 sessions.
    expect(plan({ capacity: 270_000 }, { ...machine, memoryBytes: 2e9 }).edgeHeap.oldSpaceMb).toBe(
      224,
    )
  })

  test.each([
    [0, 16],
    [2, 16],
    [3, 8],
    [4, 8],
    [8, 4],
    [16, 2],
    [52, 2],
    [256, 2],
  ])('of %i edges have young generations of %i MB a half', (edges, semiSpaceMb) => {
    expect(semiSpaceOf(edges)).toBe(semiSpaceMb)
  })

  test('of the core hold the sessions, too, where there is no edge', () => {
    const one = plan({ capacity: 10_000, edges: 0 }).coreHeapMb
    expect(one - plan({ capacity: 10_000, edges: 1 }).coreHeapMb).toBeGreaterThan(150)
  })
})

describe('a warning names what to do', () => {
  test('and a machine that has all it takes has none', () => {
    expect(plan({ capacity: 270_000 }).warnings).toEqual([])
  })

  test.each<[string, Partial<Machine>, RegExp, string]>([
    ['memory', { memoryBytes: 2e9 }, /about 4.0 GB/, 'add memory, or ask for 102000 sessions'],
    ['a roll', { memoryBytes: 4.2e9 }, /new edges beside the old/, 'restart the server instead'],
    ['heap', { heapLimitBytes: 500e6 }, /heap of 656 MB/, 'NODE_OPTIONS=--max-old-space-size=656'],
    ['files', { fileMax: 100_000 }, /may open 100000/, 'sysctl -w fs.file-max=274096'],
    ['waiting', { somaxconn: 128 }, /only 128 connections/, 'sysctl -w net.core.somaxconn=65535'],
    ['buffers', { tcpPressurePages: 10_000 }, /10000 pages/, 'net.ipv4.tcp_mem="270000 540000'],
  ])('about %s', (_, lack, problem, remedy) => {
    const { warnings } = plan({ capacity: 270_000 }, { ...machine, ...lack })
    expect(warnings).toHaveLength(1)
    expect(warnings[0]?.problem).toMatch(problem)
    expect(warnings[0]?.remedy).toContain(remedy)
  })

  test('but not about what the system does not say', () => {
    const { cores, memoryBytes, heapLimitBytes } = machine
    expect(plan({}, { cores, memoryBytes, heapLimitBytes }).warnings).toEqual([])
  })
})

describe('what is impossible is refused with what would be possible', () => {
  test.each<[string, Partial<Asked>, Machine, RegExp]>([
    ['nothing', { capacity: 0 }, machine, /whole number of sessions from 1, and is 0/],
    ['less', { capacity: -5 }, machine, /and is -5/],
    ['a part', { capacity: 1.5 }, machine, /and is 1.5/],
    ['no number', { capacity: Number.NaN }, machine, /and is NaN/],
    ['too much', { capacity: 1e12 }, machine, /ulimit -n\), or ask for 4843194 at most/],
    [
      'too much for a limit that was set',
      { capacity: 1_000_000, sessionsMax: 100 },
      machine,
      /raise limits.sessionsMax/,
    ],
    ['too few edges', { capacity: 101_000, edges: 5 }, machine, /It takes 6 edges/],
    ['one process', { capacity: 101_000, edges: 0 }, machine, /0 edges cannot hold/],
    ['no files', {}, { ...machine, descriptorsMax: 256 }, /raise the limit \(ulimit -n\)/],
  ])('%s', (_, asked, on, sentence) => {
    expect(() => plan(asked, on)).toThrow(
      expect.objectContaining({ code: 'CONFIG', message: expect.stringMatching(sentence) }),
    )
  })
})
