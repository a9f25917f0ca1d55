import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { until } from '../../parts/until.ts'

/** A connection that speaks of documents by hand. */
export interface RawDocument {
  /** Frames that came, as hex. */
  readonly frames: readonly string[]
  readonly close: { readonly code: number; readonly reason: string } | undefined
  readonly socket: WebSocket
  send(...bytes: readonly (number | string | Uint8Array)[]): void
  /** Waits for a frame that begins with these bytes. */
  find(hexPrefix: string): Promise<string>
  closed(): Promise<{ readonly code: number; readonly reason: string }>
}

/** Connects to a path below `/docs`; bytes are sent as numbers, and text as a length and its bytes. */
export async function connectDocument(url: string, path: string): Promise<RawDocument> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/docs${path}`)
  const frames: string[] = []
  let close: RawDocument['close']
  socket.on('message', (bytes: Buffer) => void frames.push(bytes.toString('hex')))
  socket.on('close', (code, reason) => {
    close = { code, reason: reason.toString() }
  })
  onTestFinished(() => socket.terminate())
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => undefined)
  return {
    frames,
    socket,
    get close() {
      return close
    },
    send(...bytes) {
      socket.send(Buffer.concat(bytes.map(bytesOf)))
    },
    async find(prefix) {
      await until(`a frame ${prefix}…`, () => frames.some((frame) => frame.startsWith(prefix)))
      return frames.find((frame) => frame.startsWith(prefix)) ?? ''
    },
    async closed() {
      await until('the connection is closed', () => close !== undefined)
      return close ?? { code: 0, reason: '' }
    },
  }
}

function bytesOf(part: number | string | Uint8Array): Uint8Array {
  if (typeof part === 'number') return Uint8Array.of(part)
  if (typeof part !== 'string') return part
  const text = Buffer.from(part)
  return Buffer.concat([Uint8Array.of(text.length), text])
}

/** A number as lib0 writes it. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return Uint8Array.from([...bytes, rest])
}

/** An awareness message with one entry. */
export function awarenessOf(client: number, clock: number, state: string): Uint8Array {
  const text = Buffer.from(state)
  const entry = Buffer.concat([
    Uint8Array.of(1),
    varint(client),
    varint(clock),
    varint(text.length),
    text,
  ])
  return Buffer.concat([Uint8Array.of(1), varint(entry.length), entry])
}
