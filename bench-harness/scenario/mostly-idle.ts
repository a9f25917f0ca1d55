import type { Connection } from '../worker/connection.ts'
import { createOverlappingRooms } from './overlapping-rooms.ts'
import { defineScenario } from './scenario.ts'

/** What most sessions of a realtime app do: they are in a few channels, hear something now and then, and hardly ever speak. */
export const mostlyIdle = defineScenario({
  name: 'mostly-idle',
  says: 'many who listen and few who speak now and then; every message and delivery is checked',
  dialects: ['rusher'],
  headline: 'delivery',
  options: {
    channels: { default: 2, says: 'channels that each session joins' },
    members: { default: 100, says: 'sessions that share a channel' },
    speakers: { default: 0.01, says: 'share of the sessions that publish' },
    perMinute: { default: 1, says: 'messages a minute of each of them' },
  },
  rateOf: ({ speakers = 0.01, perMinute = 1 }, connections) =>
    (connections * speakers * perMinute) / 60,
  start(worker) {
    const { channels = 2, members = 100, speakers: share = 0.01 } = worker.options
    const rooms = createOverlappingRooms(worker, { channels, members })
    const speakers = createTurns()
    // The first of each so many: all of them are known beforehand.
    const isSpeaker = (session: number): boolean => {
      const place = Math.floor(session / worker.workers)
      return Math.floor((place + 1) * share) > Math.floor(place * share)
    }
    return {
      returns: true,
      channelsOf: rooms.channelsOf,
      ready: (one) => void (isSpeaker(one.session) && speakers.add(one)),
      gone: (one) => void (isSpeaker(one.session) && speakers.delete(one)),
      send(intendedMs) {
        const speaker = speakers.next()
        if (speaker === undefined) return
        const own = rooms.channelsOf(speaker.session)
        // A speaker's turns go through its channels.
        const room = own[speakers.round % own.length]
        if (room !== undefined) worker.publish(speaker, room.channel, intendedMs)
      },
    }
  },
})

/** Connections that have their turn one after the other. */
function createTurns(): {
  add(one: Connection): void
  delete(one: Connection): void
  next(): Connection | undefined
  /** How many times all have had their turn. */
  readonly round: number
} {
  const all: Connection[] = []
  let at = 0
  let round = 0
  return {
    get round() {
      return round
    },
    add: (one) => void all.push(one),
    delete(one) {
      const index = all.indexOf(one)
      if (index < 0) return
      all.splice(index, 1)
      if (index < at) at -= 1
    },
    next() {
      if (at >= all.length) {
        at = 0
        round += 1
      }
      at += 1
      return all[at - 1]
    },
  }
}
