import { describe, expect, test } from 'vitest'
import { packFrames, utf8Bytes } from './frames.ts'

describe('frames', () => {
  test.each(['', 'abc', 'é', '漢字', '🙂', 'a🙂é漢'])(
    '%j has as many bytes as UTF-8 gives it',
    (text) => {
      expect(utf8Bytes(text)).toBe(new TextEncoder().encode(text).length)
    },
  )

  test('one command is a frame as it is, more are an array', () => {
    const bounds = { frameBytesMax: 100, frameCommandsMax: 64 }
    expect(packFrames([], bounds)).toEqual([])
    expect(packFrames(['{"a":1}'], bounds)).toEqual(['{"a":1}'])
    expect(packFrames(['1', '2', '3'], bounds)).toEqual(['[1,2,3]'])
  })

  test('no frame is over either bound, and the order stays', () => {
    const commands = Array.from({ length: 200 }, (_, index) => `"${'é'.repeat(index % 40)}"`)
    const bounds = { frameBytesMax: 100, frameCommandsMax: 5 }
    const frames = packFrames(commands, bounds)
    for (const frame of frames) {
      expect(new TextEncoder().encode(frame).length).toBeLessThanOrEqual(100)
      expect([JSON.parse(frame)].flat().length).toBeLessThanOrEqual(5)
    }
    const texts = frames.flatMap((frame) => [JSON.parse(frame)].flat())
    expect(texts).toEqual(commands.map((command) => JSON.parse(command)))
  })

  test('a command over the bound goes alone, for the server to refuse', () => {
    const frames = packFrames(['1', '"too large"', '2'], { frameBytesMax: 5, frameCommandsMax: 5 })
    expect(frames).toEqual(['1', '"too large"', '2'])
  })
})
