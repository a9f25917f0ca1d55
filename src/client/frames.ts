/** Bytes of a text in UTF-8, with no encoder: React Native did not always have one. */
export function utf8Bytes(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code < 0x80) continue
    // A surrogate pair is 4 bytes over 2 units; any other unit from 0x800 is 3 bytes.
    bytes += code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 1 : 2
  }
  return bytes
}

/**
 * Packs encoded commands into frames, in order, none over either bound. A command that is too large alone gets a frame of its
 * own: refusing it is the server's.
 */
export function packFrames(
  commands: readonly string[],
  bounds: { readonly frameBytesMax: number; readonly frameCommandsMax: number },
): string[] {
  const frames: string[] = []
  let batch: string[] = []
  let batchBytes = 0
  const flush = () => {
    const [first] = batch
    if (first === undefined) return
    frames.push(batch.length === 1 ? first : `[${batch.join(',')}]`)
    batch = []
    batchBytes = 0
  }
  for (const command of commands) {
    const bytes = utf8Bytes(command) + 1
    if (batch.length >= bounds.frameCommandsMax || batchBytes + bytes + 1 > bounds.frameBytesMax) {
      flush()
    }
    batch.push(command)
    batchBytes += bytes
  }
  flush()
  return frames
}
