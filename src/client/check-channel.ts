import { channelCharsMax, parseChannelName } from '../protocol/channel-name.ts'
import type { Refusal } from '../protocol/errors.ts'
import { parsePosition } from '../protocol/parse-command.ts'
import type { Position } from '../protocol/position.ts'
import { refuseHere } from './client-error.ts'

/** A channel as it was asked for, with what is wrong with it. */
export interface CheckedChannel {
  readonly since: Position | undefined
  /** No command with this name is sent: the server would refuse the other channels with it. */
  readonly nameFault: Refusal | undefined
  /** The channel is not joined; undefined where both its name and its position are right. */
  readonly joinFault: Refusal | undefined
}

/** Checks a name and a position, which often come from a user or from storage. */
export function checkChannel(name: unknown, given: unknown): CheckedChannel {
  const since = parsePosition(given)
  const nameFault =
    parseChannelName(name) === undefined
      ? refuseHere('BAD_CHANNEL', `not a channel name: ${String(name).slice(0, channelCharsMax)}`)
      : undefined
  const sinceFault =
    given !== undefined && since === undefined
      ? refuseHere('BAD_COMMAND', 'since must be {epoch, offset}')
      : undefined
  return { since, nameFault, joinFault: nameFault ?? sinceFault }
}
