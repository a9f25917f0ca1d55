import { refuse } from '../../protocol/index.ts'
import type { Answer, ToCore } from './link.ts'

/**
 * The answer to a message that failed in the core or on the link; undefined if the message expects
 * no answer. `code` tells whether it may still have taken effect.
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
