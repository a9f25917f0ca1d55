import { defineScenario } from './scenario.ts'

/** Sessions that wait for what comes, and nothing does. */
export const hold = defineScenario({
  name: 'hold',
  says: 'idle subscribers: how many sessions are held, at what cost',
  dialects: ['rusher', 'plain', 'socket.io', 'hocuspocus'],
  headline: 'ready',
  options: {
    channels: { default: 2, says: 'channels that each session joins' },
    members: { default: 100, says: 'sessions that share a channel' },
  },
  start({ plan, options }) {
    const { channels = 2, members = 100 } = options
    const names = (session: number): readonly string[] =>
      Array.from({ length: channels }, (_, no) => {
        // Neighbours in one channel are not neighbours in the other.
        const group = Math.floor(session / members ** (no % 2 === 0 ? 1 : 0.5))
        return `chat:b${plan.run}-${no}-${group}`
      })
    if (plan.target.dialect === 'hocuspocus')
      return { channelsOf: (session) => [{ channel: `b${plan.run}-${session}` }] }
    if (plan.target.dialect === 'plain') return { channelsOf: () => [] }
    return { channelsOf: (session) => names(session).map((channel) => ({ channel })) }
  },
})
