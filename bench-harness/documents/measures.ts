import { setTimeout as pause } from 'node:timers/promises'
import { cpuSecondsOf, rssKbOf, settled } from '../quick/process-figures.ts'
import { appendOf, type DocumentClient, openClient } from './document-client.ts'

/** A server under measurement. */
export interface Subject {
  readonly pid: number
  /** Where Hocuspocus providers connect. */
  readonly url: string
}

export interface Acknowledged {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Edits a second of the one whose acknowledgements are timed. */
const editsPerSecond = 50

/** Times the acknowledgements of somebody who types, in milliseconds, while something else goes on. */
export async function acknowledging(
  { url }: Subject,
  document: string,
  edits: number,
  meanwhile?: () => Promise<void>,
): Promise<Acknowledged> {
  const writer = await openClient(url, document)
  const times: number[] = []
  let clock = 0
  const type = (): Promise<void> =>
    new Promise((resolve) => {
      const startedMs = performance.now()
      writer.send(appendOf(1_000, clock, 'x'), () => {
        times.push(performance.now() - startedMs)
        resolve()
      })
      clock += 1
    })
  for (let warm = 0; warm < 20; warm += 1) await type()
  times.length = 0
  const pending: Promise<void>[] = []
  const disturbed = pause((edits / editsPerSecond) * 250).then(() => meanwhile?.())
  for (let edit = 0; edit < edits; edit += 1) {
    pending.push(type())
    await pause(1_000 / editsPerSecond)
  }
  await Promise.all([...pending, disturbed])
  writer.close()
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}

/** Sends a megabyte of updates whose beginning never comes, into a document. */
export async function sendOrphans({ url }: Subject, document: string): Promise<void> {
  const hostile = await openClient(url, document).catch(() => undefined)
  const text = 'o'.repeat(1_000)
  for (let index = 1; index <= 1_000; index += 1) {
    // Each leaves a hole behind the one before.
    hostile?.send(appendOf(2_000, index * 2_000, text))
    // The one whose acknowledgements are timed is in this process too, and must not wait for us.
    if (index % 10 === 0) await pause(0)
  }
  await pause(1_500)
  hostile?.close()
}

/** Processor time of the server for one update that reaches one reader, in microseconds. */
export async function fanOut(subject: Subject, readers: number, edits: number): Promise<number> {
  const { url, pid } = subject
  const writer = await openClient(url, 'fan-out')
  const clients: DocumentClient[] = []
  for (let index = 0; index < readers; index += 1) clients.push(await openClient(url, 'fan-out'))
  let clock = 0
  const type = async (count: number): Promise<void> => {
    const wanted = sum(clients) + readers * count
    for (let edit = 0; edit < count; edit += 1) {
      writer.send(appendOf(1_000, clock, 'x'))
      clock += 1
      await pause(20)
    }
    while (sum(clients) < wanted) await pause(20)
  }
  // What is started with the first edit is no cost of an edit.
  await type(20)
  const before = { cpu: cpuSecondsOf(pid) }
  await type(edits)
  const seconds = cpuSecondsOf(pid) - before.cpu
  for (const client of [writer, ...clients]) client.close()
  return (seconds * 1e6) / (readers * edits)
}

function sum(clients: readonly DocumentClient[]): number {
  return clients.reduce((total, { updates }) => total + updates, 0)
}

/** Resident memory of a connection with an empty document of its own, in KB. */
export async function idleMemory({ url, pid }: Subject, connections: number): Promise<number> {
  await settled([pid])
  const before = rssKbOf(pid)
  const clients: DocumentClient[] = []
  for (let index = 0; index < connections; index += 1) {
    clients.push(await openClient(url, `idle-${index}`))
  }
  await settled([pid])
  const used = rssKbOf(pid) - before
  for (const client of clients) client.close()
  return used / connections
}
