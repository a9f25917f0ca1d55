import type {
  Authored,
  CheckRequest,
  ContentKind,
  Dated,
  DocumentSource,
  EngineLimits,
  JsonLimits,
  SentContent,
} from './document-engine.ts'
import type { DocumentSchema } from './schema-rules.ts'

/** What the main thread asks of one of the engine's. */
export type EngineTask =
  | { readonly kind: 'load'; readonly document: string; readonly source: DocumentSource }
  | { readonly kind: 'check'; readonly document: string; readonly request: CheckRequest }
  | { readonly kind: 'release'; readonly document: string }
  | { readonly kind: 'opening'; readonly updates: readonly Uint8Array[] }
  | {
      readonly kind: 'difference'
      readonly updates: readonly Uint8Array[]
      readonly stateVector: Uint8Array
    }
  | { readonly kind: 'compact'; readonly source: DocumentSource }
  | {
      readonly kind: 'matches'
      readonly parts: readonly Uint8Array[]
      readonly source: DocumentSource
    }
  | { readonly kind: 'runs'; readonly updates: readonly Dated[]; readonly pauseMs: number }
  | { readonly kind: 'hold elements'; readonly updates: readonly Uint8Array[] }
  | { readonly kind: 'read'; readonly updates: readonly Uint8Array[]; readonly of: ContentKind }
  | {
      readonly kind: 'write'
      readonly updates: readonly Uint8Array[]
      readonly content: SentContent
    }
  | { readonly kind: 'outline'; readonly updates: readonly Uint8Array[] }
  | { readonly kind: 'seed'; readonly content: SentContent; readonly client?: number }
  | {
      readonly kind: 'restore'
      readonly updates: readonly Uint8Array[]
      readonly through: number
    }
  | { readonly kind: 'without'; readonly updates: readonly Authored[]; readonly userId: string }

/** What a thread answers, once for each task and in their order. */
export type EngineAnswer = { readonly result: unknown } | { readonly failed: string }

/** What a thread starts with. */
export interface EngineStart {
  readonly limits: EngineLimits
  readonly json: JsonLimits
  /** The schema of ProseMirror documents; absent disables corrections. */
  readonly schema?: DocumentSchema
}
