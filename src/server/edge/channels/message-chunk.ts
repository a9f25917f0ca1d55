import type { TextFrame } from '../../transport/text-frame.ts'

/**
 * Messages that go to many sessions: their JSON texts, joined by commas. Where a session gets nothing else in a turn it gets
 * `frame`, which is encoded once for all of them.
 */
export interface Chunk {
  readonly text: string
  readonly messages: number
  frame: TextFrame | undefined
}

/** Characters of a frame above which the rest goes into another: clients in other languages often take 1 MiB at most. */
export const frameCharsMax = 256 * 1024
export function createChunk(messages: readonly string[]): Chunk {
  return { text: messages.join(','), messages: messages.length, frame: undefined }
}

/** Splits messages into chunks that each fit a frame. */
export function chunksOf(messages: readonly string[]): readonly Chunk[] {
  const chunks: Chunk[] = []
  let from = 0
  let chars = 0
  for (const [index, message] of messages.entries()) {
    if (chars + message.length > frameCharsMax && index > from) {
      chunks.push(createChunk(messages.slice(from, index)))
      from = index
      chars = 0
    }
    chars += message.length
  }
  chunks.push(createChunk(from === 0 ? messages : messages.slice(from)))
  return chunks
}
