import { execFile } from 'node:child_process'
import { readFile, readlink } from 'node:fs/promises'
import { promisify } from 'node:util'
import { patiently } from './patiently.ts'
import { countEstablished } from './proc-texts.ts'

const run = promisify(execFile)

/** Up to so many sockets the text of /proc/net/tcp is read; the kernel writes it slowly. */
const readSocketsMax = 2_000
/** A count may take this share of the time, so that looking does not change what is looked at. */
const costShareMax = 0.1
/** On a busy machine a count lasts long and costs no more. */
const everyMsMax = 10_000
const timeoutMs = 10_000
/** So long a look waits for a count. */
const waitMs = 200

/** Counts the kernel's established sockets on some local ports; not each time when that would cost much. */
export interface EstablishedCounter {
  /**
   * `undefined` when it is too early for another count, when one is under way, or when it cannot be counted. A count that takes long is told
   * when it is asked for the next time.
   * @param inUse TCP sockets in use, as /proc/net/sockstat tells; absent: unknown, taken as many.
   */
  count(inUse: number | undefined): Promise<number | undefined>
}

export function createEstablishedCounter(options: {
  readonly ports: readonly number[]
  /** A process of the network namespace in question. */
  readonly pid: () => number | undefined
  readonly nowMs: () => number
}): EstablishedCounter {
  const { ports, pid, nowMs } = options
  const ask = patiently(async (inUse: number | undefined) => {
    const startedAtMs = nowMs()
    const found = await look(ports, pid(), inUse ?? Number.POSITIVE_INFINITY)
    nextAtMs = startedAtMs + Math.min(everyMsMax, (nowMs() - startedAtMs) / costShareMax)
    return found
  }, waitMs)
  let nextAtMs = 0
  return {
    count: (inUse) =>
      nowMs() < nextAtMs && !ask.isUnderWay() ? Promise.resolve(undefined) : ask.now(inUse),
  }
}

async function look(
  ports: readonly number[],
  pid: number | undefined,
  inUse: number,
): Promise<number | undefined> {
  try {
    if (inUse > readSocketsMax && (await sameNetwork(pid))) return await askKernel(ports)
    const who = pid ?? 'self'
    const texts = await Promise.all(
      ['tcp', 'tcp6'].map((name) => readFile(`/proc/${who}/net/${name}`, 'utf8')),
    )
    return texts.reduce((sum, text) => sum + countEstablished(text, ports), 0)
  } catch (error) {
    // No such file, no `ss`, or the process has ended: then it cannot be counted, which is for the caller to tell.
    if (error instanceof Error) return undefined
    throw error
  }
}

async function sameNetwork(pid: number | undefined): Promise<boolean> {
  if (pid === undefined) return true
  const [theirs, ours] = await Promise.all(
    [pid, 'self'].map((who) => readlink(`/proc/${who}/ns/net`)),
  )
  return theirs === ours
}

/** `ss` has the kernel choose the sockets (netlink, sock_diag), and its lines stay between two other processes. */
async function askKernel(ports: readonly number[]): Promise<number> {
  const filter = ports.map((port) => `sport = :${port}`).join(' or ')
  const script = 'set -e; command -v ss >/dev/null; ss -Htn state established "$1" | wc -l'
  const { stdout } = await run('sh', ['-c', script, 'sh', `( ${filter} )`], { timeout: timeoutMs })
  return Number(stdout.trim())
}
