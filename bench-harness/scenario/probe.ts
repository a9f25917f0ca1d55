import { defineScenario } from './scenario.ts'

/** Connections of a probe. */
export const probeConnections = 5

/**
 * What a host's probe does: a few connections in a process with nothing else to do. When its answers are fast while the workers' are slow, the
 * workers are slow, and not the server.
 */
export const probe = defineScenario({
  name: 'probe',
  says: 'a few connections that measure the way there and back',
  dialects: ['rusher', 'plain', 'socket.io'],
  headline: 'echo',
  options: {},
  rateOf: () => 20,
  start(worker) {
    return {
      channelsOf: () => [],
      send(intendedMs) {
        const connection = worker.pick()
        if (connection !== undefined) worker.echo(connection, intendedMs)
      },
    }
  },
})
