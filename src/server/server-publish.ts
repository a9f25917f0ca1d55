import { randomUUID } from 'node:crypto'
import {
  type Durability,
  decodeFrame,
  type ErrorCode,
  type Json,
  type Limits,
  type PublishCommand,
  type PublishReply,
  parseUser,
  type Refusal,
  RusherError,
  refuse,
  type User,
} from '../protocol/index.ts'
import type { Core } from './core/core.ts'
import type { Answer } from './link/link.ts'
import type { Log } from './log/log.ts'

/** What `publish` of a server can be told besides the body. */
export interface ServerPublishOptions {
  /** Publishing the same id twice stores one event. Made by the server if absent. */
  readonly id?: string
  /** Who the event is from. Default: `{ id: 'server' }`. */
  readonly user?: User
}

/** An accepted publish. It is the same for the server's `publish` and a client's. */
export interface PublishReceipt extends PublishReply {
  readonly id: string
}

/** A publish was refused. The `code` is an error code of PROTOCOL.md. */
export class RefusedError extends RusherError {
  declare readonly code: ErrorCode
  /** True when the same publish can succeed later. */
  readonly retry: boolean
  /** How long to wait before, in milliseconds; absent where that is not known. */
  readonly retryAfterMs: number | undefined

  constructor({ code, message, retry, retryAfterMs }: Refusal) {
    super(code, message)
    this.name = 'RefusedError'
    this.retry = retry
    this.retryAfterMs = retryAfterMs
  }
}

/** See `RusherServer.publish`. */
export type ServerPublish = (
  channel: string,
  body: Json,
  options?: ServerPublishOptions,
) => Promise<PublishReceipt>

interface ServerPublishDeps {
  readonly core: Pick<Core, 'publish'>
  readonly limits: Limits
  readonly durability: Durability
  readonly log: Log
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/**
 * Publishes for the program that embeds the server. What it passes is checked as a client's publish
 * is, and taken by value at the call.
 */
export function createServerPublish(deps: ServerPublishDeps): ServerPublish {
  const { core, limits, durability, log, now } = deps

  async function publish(
    channel: string,
    body: Json,
    { id = orderedId(now()), user }: ServerPublishOptions = {},
  ): Promise<PublishReceipt> {
    const command = commandOf({ channel, id, body }, limits)
    if ('code' in command) throw new RefusedError(command)
    const author = user === undefined ? undefined : parseUser(user)
    if (user !== undefined && author === undefined) {
      throw new RefusedError(refuse('BAD_COMMAND', 'user must have an id and may have a name'))
    }
    const answer = await core.publish({
      channel: command.channel,
      id: command.id,
      body: command.body,
      ...(author === undefined ? {} : { user: author }),
    })
    return { id: command.id, ...replyOf(answer, durability) }
  }

  return (channel, body, options) => {
    const receipt = publish(channel, body, options)
    // A program that does not wait for the receipt must not end because of a refusal.
    receipt.catch((error: unknown) => {
      log.warn({ err: error, channel }, "the embedding program's publish was refused")
    })
    return receipt
  }
}

/** The publish as a client would send it, with a copy of the body, or why it is refused. */
function commandOf(
  given: { readonly channel: string; readonly id: string; readonly body: Json },
  limits: Limits,
): PublishCommand | Refusal {
  let text: string
  try {
    text = JSON.stringify({ type: 'publish', ref: 0, ...given })
  } catch (error) {
    return refuse('BAD_COMMAND', `the body is not JSON: ${String(error)}`)
  }
  const decoded = decodeFrame(text, limits)
  if ('close' in decoded) return refuse('BAD_COMMAND', decoded.detail)
  const [parsed] = decoded.commands
  if (parsed === undefined) return refuse('BAD_COMMAND', 'there is nothing to publish')
  if ('refusal' in parsed) return parsed.refusal
  const { command } = parsed
  if (command.type !== 'publish') return refuse('BAD_COMMAND', 'only a publish can be published')
  return isLarger(command.body, text, limits.bodyBytesMax)
    ? refuse('TOO_LARGE', `a body has ${limits.bodyBytesMax} bytes at most`)
    : command
}

/** Whether a body has more bytes of JSON than `bytesMax`. `text` has the body and more. */
function isLarger(body: Json, text: string, bytesMax: number): boolean {
  return Buffer.byteLength(text) > bytesMax && Buffer.byteLength(JSON.stringify(body)) > bytesMax
}

function replyOf(answer: Answer, durability: Durability): PublishReply {
  switch (answer.kind) {
    case 'published':
      return {
        position: { epoch: answer.epoch, offset: answer.offset },
        ...(answer.duplicate ? { duplicate: true } : {}),
        durability,
      }
    case 'accepted':
      return { durability }
    case 'refused':
      throw new RefusedError(answer.refusal)
    default:
      throw new Error(`a publish was answered by ${answer.kind}`)
  }
}

/** A UUID of version 7 (RFC 9562, section 5.7): ids that begin with the time cost the storage less. */
function orderedId(nowMs: number): string {
  const time = nowMs.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}
