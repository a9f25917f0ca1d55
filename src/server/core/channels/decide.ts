import { crc32 } from 'node:zlib'
import { type Json, type Refusal, refuse } from '../../../protocol/index.ts'
import type { AppEvent, Decision } from '../../apps/app.ts'
import type { AppCall } from '../../link/link.ts'
import type { Storage } from '../../storage/storage.ts'
import type { ChannelLog } from './channel-log.ts'
import { checkDecision } from './check-decision.ts'
import { appEvent } from './event-text.ts'
import type { AnyApp } from './served-apps.ts'

/** A command that an app has recognised, with what it needs to be decided. */
export interface Parsed {
  readonly command: unknown
  readonly refers: readonly number[]
}

/** Events one command may refer to. */
const refersMax = 16

/** Has the app read the body. A throwing app fails this command only: `thrown` says so. */
export function parseBody(
  app: AnyApp,
  body: Json,
): Parsed | { refusal: Refusal; thrown?: unknown } {
  try {
    const command: unknown = app.parse(body)
    if (command === undefined) {
      return { refusal: refuse('BAD_COMMAND', `channels of ${app.name} do not know this body`) }
    }
    const refers = app.refers?.(command) ?? []
    return { command, refers: refers.slice(0, refersMax) }
  } catch (thrown) {
    return { refusal: refuse('INTERNAL'), thrown }
  }
}

/** Fetches the events that a command refers to. */
export async function findEvents(
  log: ChannelLog,
  offsets: readonly number[],
): Promise<ReadonlyMap<number, AppEvent>> {
  const found = new Map<number, AppEvent>()
  for (const offset of offsets) {
    if (!Number.isSafeInteger(offset)) continue
    const stored = await log.one(offset)
    const event = stored && appEvent(stored)
    if (event !== undefined) found.set(offset, event)
  }
  return found
}

export interface ToDecide {
  readonly app: AnyApp
  readonly state: Json
  readonly call: AppCall
  readonly parsed: Parsed
  readonly found: ReadonlyMap<number, AppEvent>
  readonly now: number
  readonly head: number
}

/** Has the app decide, and holds the decision against what the client asked for. */
export function decide(
  ask: ToDecide,
): { decision: Decision } | { refusal: Refusal; thrown?: unknown } {
  const { app, state, call, parsed, found, now, head } = ask
  let decision: Decision
  try {
    decision = checkDecision(
      app,
      app.decide(state, parsed.command, { user: call.user }, { now, head, found, act: call.act }),
    )
  } catch (thrown) {
    return { refusal: refuse('INTERNAL'), thrown }
  }
  if (decision.kind === 'reject') return { refusal: refuse(decision.code, decision.message) }
  const misuse = misuseOf(call.act, decision)
  return misuse === undefined ? { decision } : { refusal: refuse('BAD_COMMAND', misuse) }
}

function misuseOf(
  act: AppCall['act'],
  decision: Exclude<Decision, { kind: 'reject' }>,
): string | undefined {
  if (decision.kind === 'reply') {
    return act === 'request' ? undefined : 'this asks for a reply: send it as a request'
  }
  if (act === 'request') return 'this is an event: publish it'
  if (act === 'signal' && decision.keep !== 'never') return 'this is kept: publish it'
  return undefined
}

/**
 * The key under which a publish is kept once. It belongs to the user, so that nobody can use up another's ids. The id stands first: ids that
 * begin with the time then keep the keys of a channel in the order in which they come, and the storage writes those together.
 */
export function keyOf(call: AppCall): string | undefined {
  return call.id === undefined ? undefined : `${call.id.length}.${call.id}${call.user.id}`
}

/** Tells whether two publishes under one id ask for the same. */
export function keySumOf(call: AppCall): number {
  return crc32(JSON.stringify(call.body))
}

/** Looks whether a publish is in the log already. */
export async function findPublished(
  storage: Storage,
  channel: string,
  call: AppCall,
): Promise<{ readonly offset: number; readonly same: boolean } | undefined> {
  const key = keyOf(call)
  if (key === undefined) return undefined
  const found = await storage.findKey(channel, key)
  return found && { offset: found.offset, same: found.keySum === keySumOf(call) }
}
