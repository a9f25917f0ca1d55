import { describe, expect, test } from 'vitest'
import { until } from '../parts/until.ts'
import { startServer } from './parts/own-server.ts'
import { families, openDocument } from './parts/providers.ts'
import { connectDocument } from './parts/raw-document.ts'

const mebibyte = 1024 * 1024

async function textAt(url: string, document: string): Promise<string> {
  return (await fetch(`${url}/docs/${document}/text?field=t`)).text()
}

/** Opens a document and begins a message of 20 MiB of which so much is sent, and no more. */
async function stall(url: string, document: string, bytes: number): Promise<() => boolean> {
  const peer = await connectDocument(url, `/${document}`)
  // SyncStep1 with an empty state vector: what comes back says that the document is open.
  peer.send(0, 0, 1, 0)
  await peer.find('0001')
  const head = Buffer.alloc(14)
  head[0] = 0x82
  head[1] = 0xff
  head.writeBigUInt64BE(BigInt(20 * mebibyte), 2)
  const { _socket: pipe } = peer.socket as unknown as {
    readonly _socket: { write(bytes: Uint8Array): void }
  }
  pipe.write(Buffer.concat([head, Buffer.alloc(bytes)]))
  return () => peer.close !== undefined
}

describe('beside stalled large messages', () => {
  test.each(families)(
    'pastes of 1 MB and 5 MB through %s are saved',
    async (family) => {
      const { url } = await startServer()
      const stalled = []
      for (let index = 0; index < 8; index += 1) stalled.push(await stall(url, `z${index}`, 1_000))
      const writer = await openDocument(family, url, 'd')
      expect(stalled.map((isClosed) => isClosed())).toEqual(Array(8).fill(false))
      let length = 0
      for (const more of [1_000_000, 5_000_000]) {
        writer.text.insert(0, 'x'.repeat(more))
        length += more
        await until(
          'the server has it',
          async () => (await textAt(url, 'd')).length === length,
          60_000,
        )
      }
      expect(writer.codes).toEqual([])
      if (writer.saved !== undefined) await until('it is acknowledged', () => writer.saved === true)
    },
    120_000,
  )

  test('that fill the memory, a paste waits until the slowest are ended, and is saved', async () => {
    const warnings: object[] = []
    const log = {
      debug: () => undefined,
      info: () => undefined,
      error: () => undefined,
      warn: (fields: object, message: string) => void warnings.push({ ...fields, message }),
    }
    const { url } = await startServer({ log })
    // All of one address: its share is 30 MiB, and the express frame.
    const stalled = [
      await stall(url, 'a', 19 * mebibyte),
      await stall(url, 'b', 19 * mebibyte),
      await stall(url, 'c', 19 * mebibyte),
    ]
    const writer = await openDocument('Hocuspocus 4', url, 'd')
    writer.text.insert(0, 'x'.repeat(5_000_000))
    await until('it is acknowledged', () => writer.saved === true, 60_000)
    expect(writer.codes).toEqual([])
    expect(stalled.some((isClosed) => isClosed())).toBe(true)
    expect(warnings).toMatchObject([{ message: expect.stringMatching(/too slowly/), ended: 1 }])
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toMatch(/refusals_total\{code="LARGE_FRAME_SLOW"\} [12]/)
  }, 120_000)
})
