import type { ClientLimits } from '../protocol/client-limits.ts'
import type { Refusal } from '../protocol/errors.ts'
import { faultOfJson } from '../protocol/json-fault.ts'
import type { Json } from '../protocol/message.ts'
import { refuseHere } from './client-error.ts'
import { utf8Bytes } from './frames.ts'

/** A body as it was at the call: what the caller does with its object later changes nothing. */
export interface EncodedBody {
  /** JSON text. It is sent as it is, each time. */
  readonly text: string
  /** A copy of the body; the body itself where it has no JSON text. */
  readonly value: Json
  /** Why the server would not take it. */
  readonly refusal?: Refusal
}

/** Encodes a body once, and checks it against the limits of the server. */
export function encodeBody(body: Json, limits: ClientLimits): EncodedBody {
  let text: string | undefined
  let why = ''
  try {
    text = JSON.stringify(body)
  } catch (error) {
    why = `: ${String(error)}`
  }
  if (text === undefined) {
    return {
      text: '',
      value: body,
      refusal: refuseHere('BAD_COMMAND', `the body is not JSON${why}`),
    }
  }
  const value = JSON.parse(text) as Json
  const refusal = refusalOf(text, value, limits)
  return { text, value, ...(refusal && { refusal }) }
}

function refusalOf(text: string, value: Json, limits: ClientLimits): Refusal | undefined {
  const { bodyBytesMax, jsonDepthMax } = limits
  const bytes = utf8Bytes(text)
  if (bytes > bodyBytesMax) {
    return refuseHere('TOO_LARGE', `the body has ${bytes} bytes; the server takes ${bodyBytesMax}`)
  }
  // The command around the body is one level.
  const fault = faultOfJson(value, jsonDepthMax - 1)
  return fault === undefined ? undefined : refuseHere('BAD_COMMAND', `body: ${fault}`)
}
