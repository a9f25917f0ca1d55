import { type Refusal, refuse } from './errors.ts'
import type { Limits } from './limits.ts'
import type {
  ChannelToJoin,
  Command,
  CommandType,
  HistoryCommand,
  Json,
  PublishCommand,
  User,
} from './message.ts'
import type { Position } from './position.ts'

/** A command, or why it is none; `ref` where the sender gave one, so that it can be told. */
export type ParsedCommand =
  | { readonly command: Command }
  | { readonly ref: number | undefined; readonly refusal: Refusal }

type Fields = Readonly<Record<string, unknown>>
type HistoryPage = Pick<HistoryCommand, 'before' | 'after' | 'limit'>
type ParseLimits = Pick<Limits, 'joinChannelsMax' | 'idCharsMax' | 'historyEventsMax'>

/** Fits the frame of a connect with room for the rest. */
const tokenCharsMax = 7_168
const nameCharsMax = 128

/** Reads one command out of a decoded frame. Unknown fields are ignored, so that a newer client is understood. */
export function parseCommand(value: unknown, limits: ParseLimits): ParsedCommand {
  if (!isFields(value))
    return { ref: undefined, refusal: refuse('BAD_COMMAND', 'a command is a JSON object') }
  const ref = isOffset(value['ref']) ? value['ref'] : undefined
  const type = value['type']
  if (typeof type !== 'string' || !Object.hasOwn(parsers, type)) {
    return { ref, refusal: refuse('UNKNOWN_TYPE') }
  }
  const needsRef = type !== 'signal' && type !== 'pong'
  if (value['ref'] === undefined ? needsRef : ref === undefined) {
    return { ref, refusal: refuse('BAD_COMMAND', 'ref must be a whole number from 0') }
  }
  const result = parsers[type as CommandType](value, ref ?? 0, limits)
  if (typeof result === 'string')
    return { ref, refusal: refuse('BAD_COMMAND', `${type}: ${result}`) }
  return { command: result }
}

/** Each gives a command, or says in words what is wrong with it. */
const parsers: {
  readonly [T in CommandType]: (
    fields: Fields,
    ref: number,
    limits: ParseLimits,
  ) => Command | string
} = {
  connect(fields, ref) {
    const { version, token, user, client } = fields
    if (!isOffset(version)) return 'version must be a whole number'
    if (token !== undefined && !isText(token, tokenCharsMax)) return 'token must be a string'
    const parsedUser = user === undefined ? undefined : parseUser(user)
    if (user !== undefined && parsedUser === undefined) {
      return `user must have an id and may have a name, strings of up to ${nameCharsMax} characters`
    }
    if (client !== undefined && !isClient(client)) return 'client must have a name and a version'
    return {
      type: 'connect',
      ref,
      version,
      ...(token === undefined ? {} : { token }),
      ...(parsedUser === undefined ? {} : { user: parsedUser }),
      ...(client === undefined ? {} : { client: { name: client.name, version: client.version } }),
    }
  },

  renew({ token }, ref) {
    if (!isText(token, tokenCharsMax)) return 'token must be a string'
    return { type: 'renew', ref, token }
  },

  join({ channels }, ref, limits) {
    if (!isListOf(channels, limits.joinChannelsMax)) return listMessage(limits)
    const parsed: ChannelToJoin[] = []
    for (const channel of channels) {
      const one = parseChannelToJoin(channel)
      if (typeof one === 'string') return one
      parsed.push(one)
    }
    return { type: 'join', ref, channels: parsed }
  },

  leave({ channels }, ref, limits) {
    if (!isListOf(channels, limits.joinChannelsMax)) return listMessage(limits)
    if (!channels.every(isChannelText)) return 'channels must be names'
    return { type: 'leave', ref, channels: [...new Set(channels)] }
  },

  publish({ channel, id, body, expect }, ref, limits) {
    if (!isChannelText(channel)) return 'channel must be a name'
    const asked = parsePublish({ id, expect }, limits)
    if (typeof asked === 'string') return asked
    if (body === undefined) return 'body is missing'
    return { type: 'publish', ref, channel, body: body as Json, ...asked }
  },

  signal({ channel, body, ref: given }, ref) {
    if (!isChannelText(channel)) return 'channel must be a name'
    if (body === undefined) return 'body is missing'
    return { type: 'signal', channel, body: body as Json, ...(given === undefined ? {} : { ref }) }
  },

  request({ channel, body }, ref) {
    if (!isChannelText(channel)) return 'channel must be a name'
    if (body === undefined) return 'body is missing'
    return { type: 'request', ref, channel, body: body as Json }
  },

  history({ channel, before, after, limit }, ref, limits) {
    if (!isChannelText(channel)) return 'channel must be a name'
    const page = parsePage({ before, after, limit }, limits)
    return typeof page === 'string' ? page : { type: 'history', ref, channel, ...page }
  },

  presence({ channel }, ref) {
    if (!isChannelText(channel)) return 'channel must be a name'
    return { type: 'presence', ref, channel }
  },

  track({ channel, data }, ref) {
    if (!isChannelText(channel)) return 'channel must be a name'
    if (data === undefined) return 'data is missing'
    return { type: 'track', ref, channel, data: data as Json }
  },

  ping(_fields, ref) {
    return { type: 'ping', ref }
  },

  pong() {
    return { type: 'pong' }
  },
}

function parseChannelToJoin(value: unknown): ChannelToJoin | string {
  if (!isFields(value)) return 'channels must be objects with a channel'
  const { channel, since, presence, latest } = value
  if (!isChannelText(channel)) return 'channel must be a name'
  const position = since === undefined ? undefined : parsePosition(since)
  if (since !== undefined && position === undefined) return 'since must be {epoch, offset}'
  return {
    channel,
    ...(position === undefined ? {} : { since: position }),
    ...(presence === true ? { presence: true } : {}),
    ...(latest === true ? { latest: true } : {}),
  }
}

/** Reads what a publish asks for beside its body, or says in words what is wrong with it. */
export function parsePublish(
  { id, expect }: { readonly id: unknown; readonly expect?: unknown },
  { idCharsMax }: Pick<Limits, 'idCharsMax'>,
): Pick<PublishCommand, 'id' | 'expect'> | string {
  if (!isText(id, idCharsMax) || id === '') {
    return `id must be a string of 1 to ${idCharsMax} characters`
  }
  if (expect === undefined) return { id }
  return isOffset(expect) ? { id, expect } : 'expect must be an offset'
}

/** Reads which page of a history is asked for, or says in words what is wrong with it. */
export function parsePage(
  { before, after, limit }: { readonly [key in keyof HistoryPage]?: unknown },
  { historyEventsMax }: Pick<Limits, 'historyEventsMax'>,
): HistoryPage | string {
  if (before !== undefined && !isOffset(before)) return 'before must be an offset'
  if (after !== undefined && !isOffset(after)) return 'after must be an offset'
  if (before !== undefined && after !== undefined) return 'before and after exclude each other'
  if (limit !== undefined && !(isOffset(limit) && limit >= 1 && limit <= historyEventsMax)) {
    return `limit must be from 1 to ${historyEventsMax}`
  }
  return {
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(limit === undefined ? {} : { limit }),
  }
}

/** Reads `{epoch, offset}`; undefined when it is not one. */
export function parsePosition(value: unknown): Position | undefined {
  if (!isFields(value)) return undefined
  const { epoch, offset } = value
  return isText(epoch, nameCharsMax) && isOffset(offset) ? { epoch, offset } : undefined
}

/** Reads `{id, name?}`; undefined when it is not one. */
export function parseUser(value: unknown): User | undefined {
  if (!isFields(value)) return undefined
  const { id, name } = value
  if (!isText(id, nameCharsMax) || id === '') return undefined
  if (name === undefined) return { id }
  return isText(name, nameCharsMax) ? { id, name } : undefined
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown, charsMax: number): value is string {
  return typeof value === 'string' && value.length <= charsMax
}

/** Whether it is a name at all is for the registry to say: a wrong one is refused alone, not with its whole command. */
function isChannelText(value: unknown): value is string {
  return isText(value, 256)
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isListOf(value: unknown, max: number): value is readonly unknown[] {
  return Array.isArray(value) && value.length >= 1 && value.length <= max
}

function listMessage(limits: ParseLimits): string {
  return `channels must be a list of 1 to ${limits.joinChannelsMax}`
}

function isClient(value: unknown): value is { name: string; version: string } {
  return (
    isFields(value) && isText(value['name'], nameCharsMax) && isText(value['version'], nameCharsMax)
  )
}
