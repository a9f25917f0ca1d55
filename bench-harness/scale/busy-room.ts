import { median } from '../compare/median.ts'
import {
  deliver,
  members,
  perTurn,
  type Subject,
  startBareFanOut,
  text,
  turnsMax,
} from '../quick/delivery.ts'
import type { Bench, Figure } from '../quick/figure.ts'
import { startRusher } from '../quick/rusher-server.ts'
import { startSocketIo } from './socket-io-server.ts'

const roundsMax = 3
const costMaxUs = 1.6
const factorMin = 10
/** Bytes of one of our events with that text; Socket.IO is given a text as long, since it adds but its own 20. */
const eventBytes = 190

/** What the server pays for one delivery in a busy room, beside the plain way and beside Socket.IO: one after another, several times. */
export async function measureBusyRoom(bench: Bench): Promise<readonly Figure[]> {
  const turns = bench.short ? turnsMax / 10 : turnsMax
  const rounds = bench.short ? 1 : roundsMax
  const ours: number[] = []
  const bare: number[] = []
  const socketIo: number[] = []
  const startOurs = async (): Promise<Subject> => {
    const server = await startRusher({ folder: await bench.folder(), storage: 'sqlite' })
    return { ...server, dialect: 'rusher' }
  }
  for (let round = 1; round <= rounds; round += 1) {
    bench.progress(`busy room, round ${round}: rusher serve, plain ws, socket.io`)
    ours.push(await deliver(await startOurs(), { turns, text }))
    bare.push(await deliver(await startBareFanOut(), { turns, text }))
    socketIo.push(
      await deliver(await startSocketIo(), { turns, text: text.padEnd(eventBytes, '.') }),
    )
  }
  const rusher = median(ours)
  const line = (id: string, beside: readonly number[]) => ({
    id: `busy-room.${id}`,
    unit: 'µs',
    rusher,
    bare: median(beside),
    ratio: rusher / median(beside),
    runs: { rusher: ours, bare: beside },
  })
  return [
    {
      ...line('bare', bare),
      name: `server CPU per delivery in a room of ${members}`,
      target: { text: `at most ${costMaxUs} µs`, met: rusher <= costMaxUs },
      note: `SQLite with FULL; median of ${rounds} rounds in turn; ${turns} turns of ${perTurn} messages, the next turn when all have the last; bare keeps nothing`,
    },
    {
      ...line('socket-io', socketIo),
      name: 'the same, beside Socket.IO',
      peer: 'socket.io',
      target: {
        text: `at most 1/${factorMin} of socket.io`,
        met: rusher * factorMin <= median(socketIo),
      },
      note: 'io.to(room).emit over WebSocket alone, messages as long as ours; it keeps nothing',
    },
  ]
}
