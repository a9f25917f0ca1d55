import { describe, expect, it } from 'vitest'
import { type BelievableOptions, believableRun } from '../../test/bench/parts/believable-run.ts'
import { createRandom } from '../plan/random.ts'
import { medianInterval, ratioInterval } from './bootstrap.ts'
import { type Comparison, compareRuns } from './compare-runs.ts'
import { comparisonTable } from './comparison-table.ts'
import { median, quantile } from './median.ts'
import { noiseFloor } from './noise-floor.ts'
import { permutationP } from './permutation.ts'
import { regressionsOf } from './regression.ts'
import { splits } from './splits.ts'
import { type NamedRun, variantsOf } from './variants.ts'

const quick = { connections: 60, measureS: 20, samples: 1_200, failing: 0 }

/** Runs of one variant, each with a seed of its own. */
function runsOf(
  label: string,
  seed: number,
  count: number,
  more: Partial<BelievableOptions> = {},
): NamedRun[] {
  return Array.from({ length: count }, (_, no) => {
    const bundle = believableRun({ ...quick, seed: seed * 1_000 + no, ...more })
    return { name: `${label}-${no}`, label, bundle }
  })
}

function compared(runs: readonly NamedRun[], seed = 1): Comparison {
  return compareRuns(runs, { random: createRandom(seed), anyway: true })
}

function firstDelta({ figures }: Comparison) {
  const delta = figures[0]?.rows[1]?.delta
  if (delta === undefined) throw new Error('there is no second variant')
  return delta
}

describe('compareRuns', () => {
  it('shows no difference between runs of the same thing in at least 95 of 100 pairs', () => {
    const runs = runsOf('run', 7, 60)
    const random = createRandom(7)
    const shown = Array.from({ length: 100 }, (_, pair) => {
      const ten = splits(runs.length, 10, 1, random)[0] ?? []
      const labelled = ten.flatMap((index, at) => {
        const run = runs[index]
        return run === undefined ? [] : [{ ...run, label: at < 5 ? 'a' : 'b' }]
      })
      return firstDelta(compared(labelled, pair)).outcome
    }).filter((outcome) => outcome !== 'no difference shown')
    expect(shown.length).toBeLessThanOrEqual(5)
  })

  it('is printed with the variants in the order given, each under a name of its own', () => {
    const long = 'a server of version 0.1.0 with edges='
    const runs = [...runsOf(`${long}2`, 1, 1, { slower: 3 }), ...runsOf(`${long}4`, 2, 1)]
    for (const given of [runs, runs.toReversed()]) {
      const names = comparisonTable(compared(given), 80)
        .split('\n')
        .flatMap((line) => /^ {2}(a serve.*?[24]) {2}/.exec(line)?.[1] ?? [])
      expect(names.length).toBeGreaterThan(2)
      const order = given.map(({ label }) => label?.at(-1))
      expect(names.map((name) => name.at(-1))).toEqual(names.map((_, at) => order[at % 2]))
    }
  })

  it('shows no difference either with one run a side, which is not enough to know', () => {
    const shown = Array.from({ length: 60 }, (_, pair) => {
      const runs = [...runsOf('a', 2 * pair + 1, 1), ...runsOf('b', 2 * pair + 2, 1)]
      return firstDelta(compared(runs, pair)).outcome
    }).filter((outcome) => outcome !== 'no difference shown')
    expect(shown.length).toBeLessThanOrEqual(3)
  })

  it('finds a variant that is a fifth slower, in five runs of each', () => {
    for (let pair = 0; pair < 10; pair += 1) {
      const slower = runsOf('slower', 500 + pair, 5, { slower: 1.2 })
      const delta = firstDelta(compared([...runsOf('now', 400 + pair, 5), ...slower]))
      expect(delta).toMatchObject({ outcome: 'worse', basis: 'runs', isDirectional: false })
      expect(delta.ratio).toBeGreaterThan(1.1)
      expect(delta.interval?.low).toBeGreaterThan(1)
      expect(delta.p).toBeLessThan(0.05)
    }
  })

  it('calls what one run a side shows directional, and draws blocks of ten seconds', () => {
    const delta = firstDelta(
      compared([...runsOf('a', 1, 1), ...runsOf('b', 2, 1, { slower: 1.5 })]),
    )
    expect(delta).toMatchObject({ outcome: 'worse', basis: 'blocks', isDirectional: true })
    expect(delta.noise).toBeGreaterThanOrEqual(0.1)
    expect(delta.p).toBeUndefined()
  })

  it('shows nothing where a side has one run that is too short for blocks', () => {
    const short = { measureS: 10 }
    const delta = firstDelta(
      compared([...runsOf('a', 1, 1, short), ...runsOf('b', 2, 1, { ...short, slower: 2 })]),
    )
    expect(delta.outcome).toBe('no difference shown')
    expect(delta.interval).toBeUndefined()
  })

  it('says how near each comes to the best', () => {
    const { figures } = compared([...runsOf('slow', 1, 3, { slower: 2 }), ...runsOf('fast', 9, 3)])
    const [slow, fast] = figures[0]?.rows ?? []
    expect(fast?.ofBest).toBe(1)
    expect(slow?.ofBest).toBeGreaterThan(0.4)
    expect(slow?.ofBest).toBeLessThan(0.6)
  })

  it('refuses other scenarios, with what each run is', () => {
    const runs = [...runsOf('a', 1, 1), ...runsOf('b', 2, 1, { scenario: 'echo' })]
    expect(() => compareRuns(runs, { random: createRandom(1) })).toThrow(
      /scenario\n {2}chat: a-0\n {2}echo: b-0/,
    )
  })

  it('refuses a run whose generator was the limit', () => {
    const runs = [...runsOf('a', 1, 1), ...runsOf('b', 2, 1, { overloadedS: 5 })]
    expect(() => compareRuns(runs, { random: createRandom(1) })).toThrow(
      /no valid verdict\n {2}load generator overloaded.*: b-0/,
    )
  })

  it('warns of another kernel', () => {
    const runs = [...runsOf('a', 1, 1), ...runsOf('b', 2, 1, { kernel: '5.10.0' })]
    expect(compared(runs).differences).toContainEqual({
      weight: 'warn',
      what: 'kernel',
      of: [
        { text: '6.12.48+deb13-amd64', runs: ['a-0'] },
        { text: '5.10.0', runs: ['b-0'] },
      ],
    })
  })
})

describe('variantsOf', () => {
  const plain = (runs: readonly NamedRun[]): NamedRun[] =>
    runs.map(({ name, bundle }) => ({ name, bundle }))

  it('calls variants by what differs between them', () => {
    const runs = [...runsOf('x', 1, 2), ...runsOf('y', 2, 2, { connections: 90 })]
    expect(variantsOf(plain(runs)).map(({ name, runs }) => [name, runs.length])).toEqual([
      ['connections 60, arrivals 1.5/s', 2],
      ['connections 90, arrivals 2.25/s', 2],
    ])
  })

  it('knows a server by how it was started, and not by the folder it had for one run', () => {
    const started = (run: NamedRun, command: string): NamedRun => ({
      name: run.name,
      bundle: {
        ...run.bundle,
        environment: { ...run.bundle.environment, server: { command } },
      },
    })
    const runs = runsOf('x', 1, 4).map((run, no) =>
      started(
        run,
        no < 2
          ? `rusher serve --storage sqlite:/tmp/rusher-bench-a${no}/r.db`
          : 'rusher serve --storage memory',
      ),
    )
    expect(variantsOf(runs).map(({ name, runs }) => [name, runs.length])).toEqual([
      ['server sqlite:r.db', 2],
      ['server memory', 2],
    ])
  })

  it('takes two runs of the same plan for two variants', () => {
    expect(variantsOf(plain(runsOf('x', 1, 2))).map(({ name }) => name)).toEqual(['x-0', 'x-1'])
  })

  it('takes more runs of the same plan for repetitions', () => {
    expect(variantsOf(plain(runsOf('x', 1, 3))).map(({ runs }) => runs.length)).toEqual([3])
  })
})

describe('regressionsOf', () => {
  const slower = compared([...runsOf('now', 1, 5), ...runsOf('next', 2, 5, { slower: 1.3 })])

  it('names each figure that became worse by more than the threshold', () => {
    expect(regressionsOf(slower, 0.05)).toContainEqual({
      variant: 'next',
      figure: 'delivery, p99',
      text: expect.stringMatching(/^delivery, p99 is \d+(\.\d)? % more$/),
    })
  })

  it('names none when the threshold is larger', () => {
    expect(regressionsOf(slower, 0.6)).toEqual([])
  })

  it('names lost messages whatever the threshold', () => {
    const lossy = compared([...runsOf('now', 1, 1), ...runsOf('next', 2, 1, { lost: 1 })])
    expect(regressionsOf(lossy, 10)).toMatchObject([{ variant: 'next', figure: 'history' }])
  })
})

describe('the statistics', () => {
  const random = createRandom(3)

  it('have the middle of an even number of values', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(quantile([1, 2, 3, 4, 5], 0.25)).toBe(2)
  })

  it('know every way to split a few values, and some of many', () => {
    expect(splits(4, 2, 100, random)).toHaveLength(6)
    expect(new Set(splits(5, 2, 100, random).map(String)).size).toBe(10)
    const many = splits(40, 20, 50, random)
    expect(many).toHaveLength(50)
    expect(many.every((way) => new Set(way).size === 20)).toBe(true)
  })

  it('hold the ratio of what cannot differ to be exactly one', () => {
    expect(ratioInterval([5, 5, 5], [5, 5, 5], random)).toEqual({ low: 1, high: 1 })
  })

  it('have an interval around the median that covers it', () => {
    const { low, high } = medianInterval([9, 10, 11, 12, 10, 9, 11], random)
    expect(low).toBeLessThanOrEqual(10)
    expect(high).toBeGreaterThanOrEqual(10)
  })

  it('find complete separation of four against four as likely as 2 in 70', () => {
    expect(permutationP([1, 2, 3, 4], [11, 12, 13, 14], random)).toBeCloseTo(2 / 70)
  })

  it('take the noise of the side that has more of it', () => {
    const calm = [100, 100, 100, 100]
    expect(noiseFloor([calm, [100, 120, 90, 115]], random)).toBeGreaterThan(0.1)
    expect(noiseFloor([calm, [7]], random)).toBe(0)
  })
})
