import { describe, expect, test } from 'vitest'
import { mutateText } from '../../bench-harness/hostile/mutate-text.ts'
import { closeTable, errorTable } from '../../src/protocol/index.ts'
import { connectRaw, type RawClient } from '../parts/raw-client.ts'
import { seed } from '../parts/seed.ts'
import { serve } from '../parts/serve.ts'
import { shapes } from '../parts/shapes.ts'
import { shared } from '../parts/shared.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { openLimits } from '../parts/traffic.ts'
import { until } from '../parts/until.ts'
import { seeded } from '../tools/seeded.ts'

const channel = 'chat:a'
const closeCodes = new Set<number>(Object.values(closeTable).map(({ code }) => code))
/** What `ws` itself answers broken WebSocket frames and text that is no UTF-8 with. */
const transportCodes = new Set([1002, 1007])

describe.each(shapes)('frames, $shape', ({ edges }) => {
  const server = shared((atEnd) =>
    serve({
      directory: temporaryDirectory(atEnd),
      edges,
      config: `{ limits: { ${openLimits} } }`,
      atEnd,
    }),
  )

  test.each([
    ['garbage', 'hello', 4400],
    ['nothing', '', 4400],
    ['binary', Buffer.from('{"type":"ping","ref":1}'), 4400],
    ['5,000 arrays that do not end', '['.repeat(5_000), 4400],
    ['65 commands', `[${Array(65).fill('{"type":"ping","ref":1}').join(',')}]`, 4400],
    ['no commands', '[]', 4400],
    ['a frame that is too large', `"${'x'.repeat(65 * 1_024)}"`, 1009],
  ])('%s closes the session, and nothing else', async (_what, frame, code) => {
    const { url } = server()
    const good = await connectRaw(url)
    const bad = await connectRaw(url, { id: 'mallory' })
    bad.send(frame)
    expect(await bad.closed).toMatchObject({ code })
    expect(await good.ask({ type: 'ping' })).toHaveProperty('ok')
  })

  test.each([
    ['an unknown type', '{"type":"conquer","ref":7}', 7, 'UNKNOWN_TYPE'],
    ['a type out of the prototype', '{"type":"constructor","ref":7}', 7, 'UNKNOWN_TYPE'],
    ['a type that is the prototype', '{"type":"__proto__","ref":7}', 7, 'UNKNOWN_TYPE'],
    ['5,000 nested arrays', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, undefined, 'BAD_COMMAND'],
    ['a body that is too deep', publishOf(`${'['.repeat(40)}${']'.repeat(40)}`), 7, 'BAD_COMMAND'],
    ['the key __proto__', publishOf('{"__proto__":{"polluted":1}}'), 7, 'BAD_COMMAND'],
    [
      'the key __proto__, escaped',
      publishOf('{"\\u005f_proto__":{"polluted":1}}'),
      7,
      'BAD_COMMAND',
    ],
    ['a number beyond all numbers', publishOf('{"kind":"read","offset":1e400}'), 7, 'BAD_COMMAND'],
    ['a kind out of the prototype', publishOf('{"kind":"constructor"}'), 7, 'BAD_COMMAND'],
    ['no type', '{"ref":7}', 7, 'UNKNOWN_TYPE'],
    ['no ref', '{"type":"ping"}', undefined, 'BAD_COMMAND'],
    ['a negative ref', '{"type":"ping","ref":-1}', undefined, 'BAD_COMMAND'],
    ['a ref that is not whole', '{"type":"ping","ref":1.5}', undefined, 'BAD_COMMAND'],
    ['a ref that is not safe', '{"type":"ping","ref":9007199254740993}', undefined, 'BAD_COMMAND'],
    ['a ref that is text', '{"type":"ping","ref":"1"}', undefined, 'BAD_COMMAND'],
    ['a number for a command', '5', undefined, 'BAD_COMMAND'],
    ['null for a command', '[null]', undefined, 'BAD_COMMAND'],
    ['an array for a command', '[[]]', undefined, 'BAD_COMMAND'],
    [
      'half a surrogate pair in a text',
      publishOf('{"kind":"say","text":"\\ud800"}'),
      7,
      'BAD_COMMAND',
    ],
    ['a body that the app does not know', publishOf('{"kind":"conquer"}'), 7, 'BAD_COMMAND'],
    ['a body that is too large', publishOf(`"${'x'.repeat(40_000)}"`), 7, 'TOO_LARGE'],
    [
      'a channel that stores a document',
      publishOf('{}').replace('chat:a', 'doc:a'),
      7,
      'BAD_CHANNEL',
    ],
    ['a channel that is no name', publishOf('{}').replace('chat:a', 'a b'), 7, 'BAD_CHANNEL'],
    [
      'an id that is too long',
      publishOf('{}').replace('"x"', `"${'x'.repeat(65)}"`),
      7,
      'BAD_COMMAND',
    ],
    ['an id that is empty', publishOf('{}').replace('"x"', '""'), 7, 'BAD_COMMAND'],
  ])('%s is refused, and the session goes on', async (_what, frame, ref, code) => {
    const { url } = server()
    const client = await connectRaw(url)
    const before = client.messages.length
    client.send(frame)
    await until('it is answered', () => client.messages.length > before)
    const said = client.messages[before]
    expect(said).toMatchObject({ type: ref === undefined ? 'error' : 'reply', error: { code } })
    if (ref !== undefined) expect(said).toMatchObject({ ref })
    expect(await client.ask({ type: 'ping' })).toHaveProperty('ok')
    expect(client.close).toBeUndefined()
  })

  test('half a surrogate pair in an id stays the same id, or is refused', async () => {
    const { url } = server()
    const client = await connectRaw(url)
    const said = await client.say(channel, 'one', 'a\ud800')
    const again = await client.say(channel, 'two', 'a\udfff')
    if (said.error !== undefined) expect(said.error.code).toBe('BAD_COMMAND')
    // Stored as UTF-8 both would be the same id, and the second would be lost in the first.
    else expect(again.ok?.duplicate).toBeUndefined()
    if (again.error !== undefined) expect(again.error.code).toBe('BAD_COMMAND')
  })

  test(`thousands of mutated frames get what the tables have, beside a client that goes on (seed ${seed})`, async () => {
    const random = seeded(seed + edges)
    const { url, errors } = server()
    const good = await connectRaw(url)
    await good.join(channel)
    let bad = await connectRaw(url, { id: 'mallory' })
    const closes = new Map<number, number>()
    let said = 0
    for (let count = 0; count < 3_000; count += 1) {
      if (bad.close !== undefined || bad.socket.readyState !== bad.socket.OPEN) {
        const { code } = await bad.closed
        closes.set(code, (closes.get(code) ?? 0) + 1)
        checkAnswers(bad)
        bad = await connectRaw(url, { id: 'mallory' })
      }
      bad.send(mutateText(random))
      if (count % 100 !== 99) continue
      said += 1
      const { ok } = await good.say(channel, `still here ${count}`, `good-${count}`)
      expect(ok?.position).toBeDefined()
    }
    checkAnswers(bad)
    for (const code of closes.keys()) {
      expect([code, closeCodes.has(code) || transportCodes.has(code)]).toEqual([code, true])
    }
    expect(closes.size).toBeGreaterThan(0)
    await until('the good client got its own events', () => {
      const mine = good.events(channel).filter(({ id }) => id?.startsWith('good-') === true)
      return mine.length === said
    })
    const offsets = good.events(channel).map(({ offset }) => offset)
    const [first = 0] = offsets
    expect(offsets).toEqual(offsets.map((_offset, index) => first + index))
    expect(good.close).toBeUndefined()
    // A token for a server without tokens is refused with a reason.
    const lines = errors()
      .split('\n')
      .filter((line) => !line.includes('token refused'))
    expect(lines.join('')).toBe('')
  })
})

function publishOf(body: string): string {
  return `{"type":"publish","ref":7,"channel":"chat:a","id":"x","body":${body}}`
}

/** Every refusal is one of the table, and never the server's own failure. */
function checkAnswers(client: RawClient): void {
  for (const message of client.messages) {
    if (!('error' in message) || message.error === undefined) continue
    const { code } = message.error
    expect(Object.hasOwn(errorTable, code)).toBe(true)
    expect(code).not.toBe('INTERNAL')
  }
}
