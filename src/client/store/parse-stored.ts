import type { User } from '../../protocol/message.ts'
import type { Position } from '../../protocol/position.ts'
import type { StoredPublish } from './store.ts'

/** Reads a stored publish. Undefined when the value is not one: storage can be damaged or edited. */
export function parsePublish(value: unknown): StoredPublish | undefined {
  if (!isRecord(value)) return undefined
  const { id, channel, bodyText, expect, failed } = value
  if (typeof id !== 'string' || typeof channel !== 'string' || !isJson(bodyText)) return undefined
  const refusal = parseFailure(failed)
  return {
    id,
    channel,
    bodyText,
    ...(typeof expect === 'number' && { expect }),
    ...(refusal && { failed: refusal }),
  }
}

/** Reads a stored position. Undefined when the value is not one. */
export function parsePosition(value: unknown): Position | undefined {
  if (!isRecord(value)) return undefined
  const { epoch, offset } = value
  if (typeof epoch !== 'string' || !Number.isSafeInteger(offset)) return undefined
  return { epoch, offset: Number(offset) }
}

/** Reads a stored user. Undefined when the value is not one. */
export function parseUser(value: unknown): User | undefined {
  if (!isRecord(value) || typeof value['id'] !== 'string') return undefined
  const { id, name } = value
  return { id, ...(typeof name === 'string' && { name }) }
}

/** Reads JSON text. Undefined when it is not JSON. */
export function parseJson(text: unknown): unknown {
  if (typeof text !== 'string') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function parseFailure(value: unknown): StoredPublish['failed'] {
  if (!isRecord(value)) return undefined
  const { code, message, retry } = value
  if (typeof code !== 'string' || typeof message !== 'string') return undefined
  return { code, message, retry: retry === true }
}

function isJson(text: unknown): text is string {
  return typeof text === 'string' && parseJson(text) !== undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
