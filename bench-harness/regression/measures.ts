import { acknowledging, fanOut } from '../documents/measures.ts'
import { deliver, text, turnsMax } from '../quick/delivery.ts'
import { numberOf } from '../quick/peer-port.ts'
import { publishTo } from '../quick/publishing.ts'
import { type RusherServer, startRusher } from '../quick/rusher-server.ts'

/** A fresh server of one checkout, on an empty database. */
export type StartServer = () => Promise<RusherServer>

/** One figure of a server: less is better, or more is. */
export interface Measure {
  readonly id: string
  readonly name: string
  readonly unit: string
  readonly better: 'less' | 'more'
  /**
   * Measures one fresh server and stops it. `scale` is 1, or less for a run that only shows that it
   * works.
   */
  readonly run: (start: StartServer, scale: number) => Promise<number>
}

const documentReaders = 300

/** What a change to the server must not make worse. */
export const measures: readonly Measure[] = [
  {
    id: 'acknowledgement',
    name: 'acknowledgement of an edit, p50',
    unit: 'ms',
    better: 'less',
    run: (start, scale) =>
      onDocuments(start, async (subject) => {
        const { p50 } = await acknowledging(subject, 'notes', Math.ceil(300 * scale))
        return p50
      }),
  },
  {
    id: 'document-delivery',
    name: `server CPU for one update to one of ${documentReaders} readers`,
    unit: 'µs',
    better: 'less',
    run: (start, scale) =>
      onDocuments(start, (subject) => fanOut(subject, documentReaders, Math.ceil(200 * scale))),
  },
  {
    id: 'busy-room',
    name: 'server CPU per delivery in a busy room',
    unit: 'µs',
    better: 'less',
    run: async (start, scale) =>
      deliver({ ...(await start()), dialect: 'rusher' }, { turns: turnsMax * scale, text }),
  },
  {
    id: 'publishing',
    name: 'durable publishes',
    unit: '1/s',
    better: 'more',
    run: async (start, scale) => {
      const load = { clients: 8, inFlight: 200, ms: 8_000 * scale }
      return numberOf(await publishTo(await start(), load), 'perSecond')
    },
  },
]

async function onDocuments(
  start: StartServer,
  measure: (subject: { readonly pid: number; readonly url: string }) => Promise<number>,
): Promise<number> {
  const server = await start()
  try {
    return await measure({ pid: server.pid, url: `ws://127.0.0.1:${server.port}/docs` })
  } finally {
    await server.stop()
  }
}

/** Starts servers of a checkout, each in a folder that `folder` makes. */
export function serverOf(checkout: string | undefined, folder: () => Promise<string>): StartServer {
  return async () => startRusher({ folder: await folder(), storage: 'sqlite', checkout })
}
