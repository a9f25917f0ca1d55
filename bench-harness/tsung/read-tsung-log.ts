/** What Tsung wrote down at one moment; usually every ten seconds. */
export interface TsungDump {
  /** Since the run began. */
  readonly atMs: number
  /** Users that had begun and not ended. */
  readonly users: number
  /** Sockets that Tsung held for open: counted when connect() returned, whatever became of the upgrade. */
  readonly connected: number
  /** Upgrades that were agreed to, and that were not, in all so far. */
  readonly upgraded: number
  readonly notUpgraded: number
  /** Of everything that Tsung counted as an error, in all so far, by its own names. */
  readonly errors: Readonly<Record<string, number>>
}

export interface TsungLog {
  readonly dumps: readonly TsungDump[]
  /** Lines that say nothing that is known; a log that was cut has one at its end. */
  readonly unread: number
}

interface Block {
  readonly atS: number
  /** `users`: now, then the most so far. All others: what was added since the last, then the sum. */
  readonly pairs: Map<string, readonly [number, number]>
}

/** How often Tsung writes, unless it is built otherwise. */
const dumpEveryS = 10

/**
 * Reads `tsung.log` as Tsung 1.6 to 1.8 writes it with `backend="text"`. It says nothing of when the run began: that is taken to be ten seconds
 * before the first dump.
 */
export function readTsungLog(text: string): TsungLog {
  const blocks: Block[] = []
  let unread = 0
  for (const line of text.split(/\r?\n/)) {
    const dump = /^# stats: dump at (\d{1,15})$/.exec(line)
    const stat = /^stats: (\S+) (-?[\d.eE+]+) (-?[\d.eE+]+)$/.exec(line)
    if (dump !== null) blocks.push({ atS: Number(dump[1]), pairs: new Map() })
    else if (stat !== null) {
      const [, name = '', first, second] = stat
      blocks.at(-1)?.pairs.set(name, [Number(first), Number(second)])
    } else if (!isPassedOver(line)) unread += 1
  }
  const zeroS = (blocks[0]?.atS ?? 0) - dumpEveryS
  return { dumps: blocks.map((block) => dumpOf(block, zeroS)), unread }
}

/** Samples with means and deviations, of which nothing is made here, and the last line. */
function isPassedOver(line: string): boolean {
  return line === '' || line.startsWith('EndMonitor:') || /^stats: \S+(?: \S+){7}$/.test(line)
}

function dumpOf({ atS, pairs }: Block, zeroS: number): TsungDump {
  const now = (name: string): number => pairs.get(name)?.[0] ?? 0
  const sum = (name: string): number => pairs.get(name)?.[1] ?? 0
  const errors = [...pairs].flatMap(([name, [, total]]) =>
    name.startsWith('error_') ? [[name, total] as const] : [],
  )
  return {
    atMs: (atS - zeroS) * 1_000,
    users: now('users'),
    connected: sum('connected'),
    upgraded: sum('websocket_succ'),
    notUpgraded: sum('websocket_fail'),
    errors: Object.fromEntries(errors),
  }
}
