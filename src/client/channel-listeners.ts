import type { ChannelEvents } from './client.ts'
import { Listeners } from './listeners.ts'

/** The listeners of one channel, by the event that they listen to. */
export class ChannelListeners {
  readonly #byName: { [Name in keyof ChannelEvents]?: Listeners<[ChannelEvents[Name]]> } = {}

  /** Adds a listener; the answer removes it. */
  readonly add = <Name extends keyof ChannelEvents>(
    name: Name,
    listener: (event: ChannelEvents[Name]) => void,
  ): (() => void) => {
    const all = this.#byName as { [key in Name]?: Listeners<[ChannelEvents[Name]]> }
    all[name] ??= new Listeners()
    return all[name].add(listener)
  }

  emit<Name extends keyof ChannelEvents>(name: Name, event: ChannelEvents[Name]): void {
    const listeners: Listeners<[ChannelEvents[Name]]> | undefined = this.#byName[name]
    listeners?.emit(event)
  }
}
