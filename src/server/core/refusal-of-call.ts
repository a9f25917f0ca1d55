import { refuse } from '../../protocol/index.ts'
import type { Answer, ToCore } from '../link/link.ts'

/**
 * The answer that a message gets at which the core or its link failed; undefined where nobody waits for one. `code` says whether something
 * may have been done all the same.
 */
export function refusalOfCall(
  message: ToCore,
  code: 'INTERNAL' | 'OUTCOME_UNKNOWN',
): { readonly call: number; readonly answer: Answer } | undefined {
  if (message.kind === 'document') {
    const { message: about } = message
    if (!('call' in about)) return undefined
    const refusal = {
      kind: 'refused',
      fault: 'UNAVAILABLE',
      message: 'internal server error',
    } as const
    return { call: about.call, answer: { kind: 'document', answer: refusal } }
  }
  if (!('call' in message) || message.kind === 'measured' || message.call === 0) return undefined
  return { call: message.call, answer: { kind: 'refused', refusal: refuse(code) } }
}
