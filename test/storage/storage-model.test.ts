import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMemoryStorage } from '../../src/server/storage/memory/memory-storage.ts'
import type {
  Appended,
  Payload,
  Storage,
  StoredEvent,
  ToAppend,
} from '../../src/server/storage/storage.ts'
import { busyFiling, openStorage, temporaryDirectory } from './open-storage.ts'

/*
 * Random use, checked against a model that is too slow and too simple to be wrong. A failure prints the seed and the
 * shortest list of steps that fails.
 */

const seed = Number(process.env['SEED'] ?? 20_261_124)

type Step =
  | { readonly kind: 'append'; readonly items: readonly ToAppend[] }
  | {
      readonly kind: 'compact'
      readonly channel: string
      readonly through: number
      readonly snapshot?: Payload
    }
  | {
      readonly kind: 'snapshot'
      readonly channel: string
      readonly offset: number
      readonly snapshot: Payload
    }
  | { readonly kind: 'reopen' }

interface ModelEvent {
  payload: Payload | undefined
  key: string | undefined
  readonly keySum: number | undefined
}

/** One channel: every event it ever had, and where it begins. */
class ModelChannel {
  begin = 1
  readonly events: ModelEvent[] = []
  latest: { name: string; payload: string }[] = []
  snapshot: { offset: number; payload: Payload } | undefined

  append(item: ToAppend): Appended {
    if (item.kind === 'latest') {
      const { name, payload } = item
      this.latest = [{ name, payload }, ...this.latest.filter((one) => one.name !== name)]
      return { kind: 'kept' }
    }
    const { key, keySum, payload, expect: expected, erase } = item
    const first = this.events.findIndex(
      (event, index) => index + 1 >= this.begin && key !== undefined && event.key === key,
    )
    if (first >= 0) {
      return { kind: 'duplicate', offset: first + 1, same: this.events[first]?.keySum === keySum }
    }
    const head = this.events.length
    if (expected !== undefined && expected !== head) return { kind: 'conflict', head }
    const erased = erase === undefined || erase < this.begin ? undefined : this.events[erase - 1]
    if (erased !== undefined) erased.payload = undefined
    this.events.push({ payload, key, keySum })
    return { kind: 'appended', offset: head + 1 }
  }

  compact(asked: number, snapshot: Payload | undefined): void {
    if (snapshot !== undefined) this.saveSnapshot(asked, snapshot)
    this.begin = Math.max(this.begin, Math.min(asked, this.events.length) + 1)
  }

  saveSnapshot(asked: number, snapshot: Payload): void {
    const offset = Math.min(asked, this.events.length)
    if (offset < 1 || offset < (this.snapshot?.offset ?? 0)) return
    this.snapshot = { offset, payload: snapshot }
  }
}

const names = ['chat:a', 'chat:b']
const keys = ['k1', 'k2', 'k3', 'k4']

const channel = fc.constantFrom(...names)
const text = fc.nat(99).map((n) => `{"n":${n}}`)
const payload = fc.oneof<fc.Arbitrary<Payload>[]>(text, fc.uint8Array({ maxLength: 12 }))
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 1 })
const event: fc.Arbitrary<ToAppend> = fc
  .record({
    channel,
    payload,
    key: maybe(fc.constantFrom(...keys)),
    keySum: maybe(fc.nat(1)),
    expect: fc.option(fc.nat(8), { nil: undefined, freq: 5 }),
    erase: maybe(fc.nat(12)),
  })
  .map((fields) => ({
    kind: 'event' as const,
    ...(Object.fromEntries(
      Object.entries(fields).filter(([, value]) => value !== undefined),
    ) as typeof fields & { readonly key: string; keySum: number; expect: number; erase: number }),
  }))
const latest: fc.Arbitrary<ToAppend> = fc.record({
  kind: fc.constant('latest' as const),
  channel,
  name: fc.constantFrom('x', 'y', 'z'),
  payload: text,
})
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      items: fc.array(fc.oneof({ weight: 5, arbitrary: event }, { weight: 1, arbitrary: latest }), {
        maxLength: 6,
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ channel, through: fc.nat(14), snapshot: maybe(payload) })
      .map(({ snapshot, ...rest }) => ({
        kind: 'compact' as const,
        ...rest,
        ...(snapshot === undefined ? {} : { snapshot }),
      })),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('snapshot' as const),
      channel,
      offset: fc.nat(14),
      snapshot: payload,
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'reopen' }) },
)

async function checkSteps(
  steps: readonly Step[],
  {
    open,
    reopen,
  }: { open: () => Promise<Storage>; reopen: (storage: Storage) => Promise<Storage> },
): Promise<void> {
  let storage = await open()
  const model = new Map(names.map((name) => [name, new ModelChannel()]))
  const of = (name: string) => model.get(name) ?? new ModelChannel()
  try {
    for (const one of steps) {
      if (one.kind === 'append') {
        const wanted = one.items.map((item) => of(item.channel).append(item))
        expect(await storage.append(one.items)).toEqual(wanted)
      } else if (one.kind === 'compact') {
        of(one.channel).compact(one.through, one.snapshot)
        await storage.compact(one.channel, one.through, one.snapshot)
      } else if (one.kind === 'snapshot') {
        of(one.channel).saveSnapshot(one.offset, one.snapshot)
        await storage.saveSnapshot(one.channel, one.offset, one.snapshot)
      } else {
        storage = await reopen(storage)
      }
      for (const [name, wanted] of model) await compare(storage, name, wanted)
    }
  } finally {
    await storage.close()
  }
}

/** A page bounded by bytes: the first of all, and no fewer than there is room for with a byte more for each. */
function expectWithin(
  page: readonly StoredEvent[],
  { all, bytesMax }: { readonly all: readonly StoredEvent[]; readonly bytesMax: number },
): void {
  const sizes = all.map((one) => one.payload?.length ?? 0)
  const bytesOf = (count: number) => sizes.slice(0, count).reduce((sum, size) => sum + size, 0)
  const count = page.length
  expect(page).toEqual(all.slice(0, count))
  if (count !== 1) expect(bytesOf(count)).toBeLessThanOrEqual(bytesMax)
  if (count < all.length) expect(bytesOf(count + 1) + count + 1).toBeGreaterThan(bytesMax)
}

async function compare(storage: Storage, name: string, model: ModelChannel): Promise<void> {
  const { begin, events } = model
  const head = events.length
  const all = events
    .map(({ payload: kept }, index) => ({ offset: index + 1, payload: kept }))
    .slice(begin - 1)
  const page = await storage.readAfter(name, 0, 1_000)
  expect(page.log).toMatchObject({ begin, head })
  expect(page.events).toEqual(all)
  const middle = Math.floor((begin + head) / 2)
  expect((await storage.readAfter(name, middle, 3)).events).toEqual(
    all.filter(({ offset }) => offset > middle).slice(0, 3),
  )
  expectWithin((await storage.readAfter(name, begin, 9, 20)).events, {
    all: all.filter(({ offset }) => offset > begin).slice(0, 9),
    bytesMax: 20,
  })
  expect((await storage.readBefore(name, middle, 3)).events).toEqual(
    all.filter(({ offset }) => offset < middle).slice(-3),
  )
  for (const key of keys) {
    const index = events.findIndex((one, at) => at + 1 >= begin && one.key === key)
    expect(await storage.findKey(name, key)).toEqual(
      index < 0 ? undefined : { offset: index + 1, keySum: events[index]?.keySum },
    )
  }
  expect(await storage.readLatest(name, 10)).toEqual(model.latest)
  expect(await storage.readSnapshot(name)).toEqual(model.snapshot)
}

test(`memory storage agrees with the model under random use (seed ${seed})`, async () => {
  const open = async () => createMemoryStorage({ epoch: 'e' })
  const steps = fc.array(step, { maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(steps, (list) => checkSteps(list, { open, reopen: async (same) => same })),
    { seed, numRuns: 300 },
  )
})

test.each([
  { how: 'reopened at any moment', more: {} },
  {
    how: 'filing what arrived, reopened at any moment',
    more: { filing: busyFiling, idleMs: 1 },
  },
  {
    how: 'leaving what arrived where it is',
    more: { filing: { ...busyFiling, runRows: 1_000 }, idleMs: 60_000 },
  },
])(
  `sqlite storage agrees with the model under random use, $how (seed ${seed})`,
  async ({ more }) => {
    const directory = temporaryDirectory()
    let databases = 0
    const steps = fc.array(step, { minLength: 20, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(steps, (list) => {
        databases += 1
        const path = join(directory, `${databases}.db`)
        return checkSteps(list, {
          open: () => openStorage(path, more),
          async reopen(storage) {
            await storage.close()
            return openStorage(path, more)
          },
        })
      }),
      { seed, numRuns: 5 },
    )
  },
)
