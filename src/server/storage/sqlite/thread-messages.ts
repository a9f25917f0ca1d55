import type { LogState } from '../storage.ts'
import type { Fault } from './fault.ts'
import type { OpenRequest } from './open-database.ts'
import type { FilingSizes } from './write-buffer.ts'

export type LogBounds = Pick<LogState, 'begin' | 'head'>

/** What the main thread asks of the writer's. Answers come in order, one for each. */
export type WriterRequest =
  | { readonly kind: 'append'; readonly batch: Uint8Array<ArrayBuffer> }
  | {
      readonly kind: 'compact'
      readonly channel: string
      readonly through: number
      /** What is stored of it. */
      readonly snapshot: Uint8Array<ArrayBuffer> | undefined
    }
  | {
      readonly kind: 'snapshot'
      readonly channel: string
      readonly offset: number
      /** What is stored of it. */
      readonly snapshot: Uint8Array<ArrayBuffer>
    }
  | { readonly kind: 'close' }

export interface WriterStart extends OpenRequest {
  /** Quiet time after which the write-ahead log is put away, in milliseconds. */
  readonly idleMs: number
  readonly filing: FilingSizes
}

export interface WriterReady {
  readonly path: string
  readonly epoch: string
  readonly warnings: readonly string[]
}

export interface WriterAnswer {
  /** Packed results of an append. */
  readonly results?: Uint8Array<ArrayBuffer>
  /** The log after a compaction. */
  readonly log?: LogBounds
  /** Time the transaction took, in milliseconds. */
  readonly tookMs?: number
}

/** What the main thread asks of the reader's: to start once, and then to read. */
export type ReaderRequest =
  | { readonly kind: 'start'; readonly path: string }
  | ReadRequest
  | { readonly kind: 'close' }

export type ReadRequest =
  | { readonly kind: 'open'; readonly channel: string }
  | {
      readonly kind: 'after'
      readonly channel: string
      readonly offset: number
      readonly limit: number
      readonly bytesMax: number | undefined
    }
  | {
      readonly kind: 'before'
      readonly channel: string
      readonly offset: number
      readonly limit: number
    }
  | { readonly kind: 'one'; readonly channel: string; readonly offset: number }
  | { readonly kind: 'key'; readonly channel: string; readonly key: string }
  | { readonly kind: 'latest'; readonly channel: string; readonly limit: number }
  | { readonly kind: 'snapshot'; readonly channel: string }
  | { readonly kind: 'channels'; readonly after: string; readonly limit: number }

/** A snapshot with what is stored of its payload. */
export interface StoredSnapshot {
  readonly offset: number
  readonly payload: Uint8Array<ArrayBuffer>
}

/** What was found; a field that is missing was not. */
export interface ReaderAnswer {
  readonly log?: LogBounds | undefined
  readonly page?: Uint8Array<ArrayBuffer>
  readonly key?: { readonly offset: number; readonly keySum: number | null } | undefined
  readonly latest?: readonly { readonly name: string; readonly payload: string }[] | undefined
  readonly snapshot?: StoredSnapshot | undefined
  readonly names?: readonly string[]
}

/** A request, with the number of its answer. */
export interface Numbered<Body> {
  readonly no: number
  readonly body: Body
}

/** What a thread says. `no` 0 answers its start; `failed` comes without being asked. */
export type FromThread<Answer> =
  | { readonly no: number; readonly answer: Answer }
  | { readonly no: number; readonly fault: Fault }
  | { readonly failed: Fault }
