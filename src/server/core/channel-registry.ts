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

export function createChannelRegistry(
  apps: readonly AnyApp[],
  parts: Omit<ChannelParts, 'app' | 'stirred'>,
): ChannelRegistry {
  const partsOfApp = new Map(apps.map((app) => [app.name, { ...parts, app, stirred }]))
  const held = new Map<string, Channel>()
  /**
   * What the next tick looks at: channels that have something to tell about presence, and channels that nobody is in, with the time
   * since which they could be let go. Most channels are neither, and cost a tick nothing.
   */
  const awake = new Map<Channel, number | undefined>()

  function partsOf(name: string): ChannelParts | undefined {
    const parsed = parseChannelName(name)
    return parsed && partsOfApp.get(parsed.app)
  }

  /** Somebody came to a channel, or went. */
  function stirred(name: string): void {
    const channel = held.get(name)
    if (channel !== undefined) awake.set(channel, undefined)
  }

  function open(name: string, ofApp: ChannelParts): Channel {
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
    const { audience } = channel
    if (audience.size > 0 && !audience.restless) awake.delete(channel)
    else if (audience.size > 0 || audience.restless || !channel.quiet) awake.set(channel, undefined)
    else if (idleMs === undefined) awake.set(channel, nowMs)
    else if (nowMs - idleMs >= coreSizes.channelIdleMs) letGo(channel)
  }

  return {
    appOf: (name) => partsOf(name)?.app,
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
        channel.audience.tick(nowMs)
        letGoWhenIdle(channel, idleMs, nowMs)
      }
    },
    get size() {
      return held.size
    },
  }
}
