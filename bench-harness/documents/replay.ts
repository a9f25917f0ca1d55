import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import * as Y from 'yjs'
import { type Family, openStock, type StockClient } from './stock-client.ts'
import { clientOf, type Keystroke, keystrokesOf, type Trace } from './trace.ts'

/** A server that can be killed, and is then started again on the same port and files. */
export interface Killable {
  readonly port: number
  kill(): Promise<void>
}

export interface Replayed {
  readonly keystrokes: number
  /** Whether the writers, a reader who was there all the time, and one who came last have the text that the trace ends with. */
  readonly ends: boolean
}

/** Keystrokes of the writers that a reader may be behind before they wait for it. */
const aheadMax = 2_000
/** Time within which a client has to get on, in milliseconds. */
const patienceMs = 60_000

/**
 * Types a trace through stock clients of one family, while one of the other reads, and kills the server so many times in between. At the end
 * it is killed once more, and somebody who was never there reads what it has.
 */
export async function replay(
  server: Killable,
  trace: Trace,
  name: string,
  options: { readonly family: Family; readonly kills: number },
): Promise<Replayed> {
  const { family, kills } = options
  const other = family === 'Hocuspocus' ? 'y-websocket' : 'Hocuspocus'
  const writers = Array.from({ length: trace.numAgents ?? 1 }, () =>
    openStock(family, server.port, name),
  )
  const reader = openStock(other, server.port, name)
  const clients = [...writers, reader]
  await patiently('all are in step', () => clients.every(({ synced }) => synced))
  const every = Math.ceil(trace.txns.length / (kills + 1))
  let keystrokes = 0
  for (const keystroke of keystrokesOf(trace)) {
    const writer = writers[keystroke.writer]
    if (writer === undefined) throw new Error('a keystroke without a writer')
    await type(writer, keystroke, reader)
    keystrokes += 1
    // Sockets get their turn too.
    if (keystrokes % 20 === 0) await turn()
    if (keystrokes % every === 0) await server.kill()
  }
  const has = ({ doc }: StockClient): boolean => doc.getText('t').toString() === trace.endContent
  await patiently('all have the end', () => clients.every(has)).catch(() => undefined)
  await patiently('all is acknowledged', () => clients.every(({ unsaved }) => unsaved === 0))
  const together = clients.every(has)
  for (const client of clients) client.close()
  await server.kill()
  const late = openStock(other, server.port, name)
  await patiently('it is in step', () => late.synced)
  const ends = together && has(late)
  late.close()
  return { keystrokes, ends }
}

async function type(writer: StockClient, keystroke: Keystroke, reader: StockClient): Promise<void> {
  const { after, update } = keystroke
  const follows = (): boolean =>
    [...after].every(([client, clock]) => Y.getState(writer.doc.store, client) >= clock)
  if (!follows()) await patiently('a writer has what it answers to', follows)
  Y.applyUpdate(writer.doc, update, 'keyboard')
  const own = clientOf(keystroke.writer)
  const isNear = (): boolean =>
    Y.getState(writer.doc.store, own) - Y.getState(reader.doc.store, own) < aheadMax
  if (!isNear()) await patiently('the reader follows', isNear)
}

async function patiently(what: string, holds: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + patienceMs
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error(`waited in vain until ${what}`)
    await pause(1)
  }
}
