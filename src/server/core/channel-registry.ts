import { parseChannelName } from '../../protocol/index.ts'
import { Channel, type ChannelParts } from './channel.ts'
import type { AnyApp } from './core-options.ts'
import { coreSizes } from './core-options.ts'

/** The channels that somebody uses now. One that nobody is in is let go after a while; its log stays. */
export interface ChannelRegistry {
  /** The channel of that name, opened if need be; undefined when its app is not served here. */
  get(name: string): Channel | undefined
  /** The channel if it is open. */
  find(name: string): Channel | undefined
  appOf(name: string): AnyApp | undefined
  all(): IterableIterator<Channel>
  /** Tells presence and lets go of idle channels. */
  tick(nowMs: number): void
  readonly size: number
}

interface Held {
  readonly channel: Channel
  /** Since when nobody is in it; undefined while somebody is. */
  idleMs: number | undefined
}

export function createChannelRegistry(
  apps: readonly AnyApp[],
  parts: Omit<ChannelParts, 'app'>,
): ChannelRegistry {
  const partsOfApp = new Map(apps.map((app) => [app.name, { ...parts, app }]))
  const held = new Map<string, Held>()

  function partsOf(name: string): ChannelParts | undefined {
    const parsed = parseChannelName(name)
    return parsed && partsOfApp.get(parsed.app)
  }

  function letGoWhenIdle(entry: Held, nowMs: number): void {
    const { channel } = entry
    if (channel.audience.size > 0 || channel.audience.restless || !channel.quiet) {
      entry.idleMs = undefined
      return
    }
    entry.idleMs ??= nowMs
    if (nowMs - entry.idleMs >= coreSizes.channelIdleMs) held.delete(channel.name)
  }

  return {
    appOf: (name) => partsOf(name)?.app,
    get(name) {
      const known = held.get(name)
      if (known !== undefined) {
        known.idleMs = undefined
        return known.channel
      }
      const ofApp = partsOf(name)
      if (ofApp === undefined) return undefined
      const channel = new Channel(name, ofApp)
      held.set(name, { channel, idleMs: undefined })
      // One that could not be opened is not kept: the next who asks tries again.
      channel.opened.catch((error: unknown) => {
        parts.log.error({ err: error, channel: name }, 'a channel could not be opened')
        held.delete(name)
      })
      return channel
    },
    find: (name) => held.get(name)?.channel,
    *all() {
      for (const { channel } of held.values()) yield channel
    },
    tick(nowMs) {
      for (const entry of held.values()) {
        entry.channel.audience.tick(nowMs)
        letGoWhenIdle(entry, nowMs)
      }
    },
    get size() {
      return held.size
    },
  }
}
