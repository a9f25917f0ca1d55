import { describe, expect, test } from 'vitest'
import { connectRaw, joinedAt, type RawClient } from '../parts/raw-client.ts'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { shared } from '../parts/shared.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'

describe.each(shapes)('recovery, $shape', ({ edges }) => {
  const server = shared((atEnd) => serve({ directory: temporaryDirectory(atEnd), edges, atEnd }))
  const connect = (id: string) => connectRaw(server().url, { id })

  async function given(client: RawClient, count: number): Promise<readonly unknown[]> {
    await until(`${count} events came`, () => client.events().length >= count)
    return client.events().map(({ offset }) => offset)
  }

  test('works from a position before the first message', async () => {
    const channel = 'chat:empty'
    const reader = await connect('reader')
    const { position, recovered } = joinedAt(await reader.join(channel))
    expect([position.offset, recovered]).toEqual([0, false])
    reader.drop()
    const writer = await connect('writer')
    for (const text of ['1', '2', '3']) await writer.say(channel, text)
    const back = await connect('reader')
    const joined = joinedAt(await back.join(channel, { since: position }))
    expect(joined).toMatchObject({ recovered: true, position: { ...position, offset: 3 } })
    expect(joined.gap).toBeUndefined()
    expect(await given(back, 3)).toEqual([1, 2, 3])
  })

  test('works twice in a row from the same position, and with nothing missed', async () => {
    const channel = 'chat:twice'
    const writer = await connect('writer')
    await writer.say(channel, '1')
    const { position } = joinedAt(await writer.join(channel))
    await writer.say(channel, '2')
    for (let round = 0; round < 2; round += 1) {
      const back = await connect('reader')
      expect(joinedAt(await back.join(channel, { since: position })).recovered).toBe(true)
      expect(await given(back, 1)).toEqual([2])
      back.drop()
    }
    const last = await connect('reader')
    const joined = joinedAt(await last.join(channel, { since: { ...position, offset: 2 } }))
    expect(joined).toMatchObject({ recovered: true, position: { offset: 2 } })
    await writer.say(channel, '3')
    expect(await given(last, 1)).toEqual([3])
  })

  test('works at once after the drop, in the middle of traffic', async () => {
    const channel = 'chat:busy'
    const writer = await connect('writer')
    let reader = await connect('reader')
    let { position } = joinedAt(await reader.join(channel))
    const seen: number[] = []
    const texts = Array.from({ length: 25 }, (_, index) => String(index))
    const writing = Promise.all(texts.map((text) => writer.say(channel, text)))
    for (let round = 0; round < 5; round += 1) {
      seen.push(...reader.events().map(({ offset }) => offset))
      position = { ...position, offset: seen.at(-1) ?? 0 }
      reader.drop()
      reader = await connect('reader')
      const joined = joinedAt(await reader.join(channel, { since: position }))
      expect(joined.recovered).toBe(true)
      await until(
        'it has caught up',
        () => reader.events().length >= joined.position.offset - position.offset,
      )
    }
    for (const { error } of await writing) expect(error).toBeUndefined()
    await until('all came', () => seen.length + reader.events().length === 25)
    seen.push(...reader.events().map(({ offset }) => offset))
    expect(seen).toEqual(texts.map((_text, index) => index + 1))
  })

  test('from another log, or from beyond the end, names everything as the gap', async () => {
    const channel = 'chat:other'
    const client = await connect('writer')
    await client.say(channel, '1')
    const { position } = joinedAt(await client.join(channel))
    for (const since of [
      { epoch: 'another', offset: 0 },
      { ...position, offset: 2 },
    ]) {
      const back = await connect('reader')
      const joined = joinedAt(await back.join(channel, { since }))
      expect(joined).toMatchObject({ recovered: false, position })
      expect(joined.gap).toEqual({ from: 1, to: 1, reason: 'epoch' })
    }
  })

  test('reads a long absence in pages, and what comes meanwhile after it', async () => {
    const channel = 'chat:long'
    const writer = await connect('writer-1')
    const { position } = joinedAt(await writer.join(channel))
    for (let user = 0; user < 20; user += 1) {
      const one = await connect(`user-${user}`)
      const said = Array.from({ length: 30 }, (_, index) => one.say(channel, String(index)))
      await Promise.all(said)
      one.drop()
    }
    const back = await connect('reader')
    const joining = back.join(channel, { since: position })
    const live = writer.say(channel, 'live')
    expect(joinedAt(await joining).recovered).toBe(true)
    await live
    const offsets = await given(back, 601)
    expect(offsets).toEqual(offsets.map((_offset, index) => index + 1))
  })
})
