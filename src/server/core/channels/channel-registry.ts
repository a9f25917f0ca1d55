import {
  parseChannelName,
  quoteName,
  type Refusal,
  refuse,
  refuseChannelName,
} from '../../../protocol/index.ts'
import { isDocumentPrefix } from '../log/document-names.ts'
import { Channel, type ChannelContext } from './channel.ts'
import { coreLimits } from './channel-limits.ts'
import type { AnyApp, ServedApps } from './served-apps.ts'

/** The channels that somebody uses now. One that nobody is in is let go after a while; its log stays. */
export interface ChannelRegistry {
  /** The channel of that name, opened if need be; undefined when nothing serves it here. */
  get(name: string): Channel | undefined
  /** Says why a channel that `get` does not give is not served, and what is. */
  unserved(name: string): Refusal
  /** The channel if it is open. */
  find(name: string): Channel | undefined
  appOf(name: string): AnyApp | undefined
  all(): IterableIterator<Channel>
  /** Tells presence and lets go of idle channels. */
  tick(nowMs: number): void
  readonly size: number
}

export function createChannelRegistry(
  apps: ServedApps,
  parts: Omit<ChannelContext, 'app' | 'stirred'>,
): ChannelRegistry {
  const partsOfApp = new Map(apps.named.map((app) => [app.name, { ...parts, app, stirred }]))
  const partsOfPlain = apps.plain && { ...parts, app: apps.plain, stirred }
  const held = new Map<string, Channel>()
  /**
   * What the next tick looks at: channels that have something to tell about presence, and channels that nobody is in, with the time
   * since which they could be let go. Most channels are neither, and cost a tick nothing.
   */
  const awake = new Map<Channel, number | undefined>()

  function partsOf(name: string): ChannelContext | undefined {
    const parsed = parseChannelName(name)
    if (parsed === undefined) return undefined
    const { prefix } = parsed
    if (prefix === undefined) return partsOfPlain
    return partsOfApp.get(prefix) ?? (isDocumentPrefix(prefix) ? undefined : partsOfPlain)
  }

  function unserved(name: string): Refusal {
    const parsed = parseChannelName(name)
    if (parsed === undefined) return refuseChannelName(name)
    const why = isDocumentPrefix(parsed.prefix)
      ? `${quoteName(name)} belongs to a document: open it with a Yjs provider or over HTTP`
      : `no app serves ${quoteName(name)}; served are ${[...partsOfApp.keys()].map((app) => `${app}:*`).join(', ')}`
    return refuse('BAD_CHANNEL', why)
  }

  /** Somebody came to a channel, or went. */
  function stirred(name: string): void {
    const channel = held.get(name)
    if (channel !== undefined) awake.set(channel, undefined)
  }

  function open(name: string, ofApp: ChannelContext): Channel {
    const channel = new Channel(name, ofApp)
    held.set(name, channel)
    awake.set(channel, undefined)
    // One that could not be opened is not kept: the next who asks tries again.
    channel.opened.catch((error: unknown) => {
      parts.log.error({ err: error, channel: name }, 'a channel could not be opened')
      letGo(channel)
    })
    return channel
  }

  function letGo(channel: Channel): void {
    held.delete(channel.name)
    awake.delete(channel)
  }

  function letGoWhenIdle(channel: Channel, idleMs: number | undefined, nowMs: number): void {
    const { subscribers } = channel
    if (subscribers.size > 0 && !subscribers.restless) awake.delete(channel)
    else if (subscribers.size > 0 || subscribers.restless || !channel.quiet)
      awake.set(channel, undefined)
    else if (idleMs === undefined) awake.set(channel, nowMs)
    else if (nowMs - idleMs >= coreLimits.channelIdleMs) letGo(channel)
  }

  return {
    appOf: (name) => partsOf(name)?.app,
    unserved,
    get(name) {
      const known = held.get(name)
      if (known === undefined) {
        const ofApp = partsOf(name)
        return ofApp && open(name, ofApp)
      }
      if (awake.has(known)) awake.set(known, undefined)
      return known
    },
    find: (name) => held.get(name),
    all: () => held.values(),
    tick(nowMs) {
      for (const [channel, idleMs] of awake) {
        channel.subscribers.tick(nowMs)
        letGoWhenIdle(channel, idleMs, nowMs)
      }
    },
    get size() {
      return held.size
    },
  }
}
