import { existsSync, realpathSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import { type Beside, isCopyWithoutLog, lookBeside } from '../sqlite/database-identity.ts'
import { readFileRow } from '../sqlite/file-row.ts'
import { headFileSuffix, readHeadFile } from '../sqlite/head-file.ts'
import { openForReading } from '../sqlite/open-for-reading.ts'
import { identify, readAsOfNow, readMeta } from '../sqlite/schema.ts'
import {
  createChannelCheck,
  type OnFault,
  tellingCorruption,
  type VerifyFault,
} from './verify-channel.ts'

export type { VerifyFault } from './verify-channel.ts'

export interface VerifyReport {
  readonly channels: number
  readonly events: number
  /** The walk ends after `faultsMax` of them. */
  readonly faults: readonly VerifyFault[]
}

export interface VerifyOptions {
  /** Told every now and then how far the walk has come. */
  readonly onProgress?: (progress: { readonly channels: number; readonly events: number }) => void
}

/** Faults after which a walk ends: then the file is lost as a whole. */
export const faultsMax = 1_000

/**
 * Walks every row of a Rusher database and says what is not as it was written: checksums, the chain of each log from its
 * begin to its head, keys, latest values and snapshots, SQLite's own structures, and whether the last commit is there.
 *
 * Changes nothing, and can be run while a server uses the database. Rejects with a RusherError where the file cannot be
 * opened or is not a Rusher database.
 */
export async function verifySqlite(
  name: string,
  { onProgress }: VerifyOptions = {},
): Promise<VerifyReport> {
  // The side files are beside the real path.
  const path = existsSync(name) ? realpathSync(name) : name
  // Read first: the database may advance meanwhile, but must never be behind it.
  const beside = lookBeside(path, readHeadFile(`${path}${headFileSuffix}`))
  const { db, close } = openForReading(path)
  const faults: VerifyFault[] = []
  const onFault: OnFault = (fault) => {
    if (faults.length < faultsMax) faults.push(fault)
  }
  let channels = 0
  let events = 0
  try {
    identify(db, path)
    readAsOfNow(db)
    tellingCorruption('', onFault, () => checkMeta(db, { path, beside, onFault }))
    tellingCorruption('', onFault, () => checkStructure(db, onFault))
    const channel = createChannelCheck(db, onFault)
    tellingCorruption('', onFault, channel.checkOrphans)
    let id = nextOf(channel, 0)
    while (id !== undefined && faults.length < faultsMax) {
      for (const checked of channel.check(id)) {
        events += checked
        onProgress?.({ channels, events })
        // One long computation; whoever started it may have something else to do.
        await setImmediate()
      }
      channels += 1
      id = nextOf(channel, id)
    }
  } finally {
    close()
  }
  return { channels, events, faults }

  function nextOf({ next }: ReturnType<typeof createChannelCheck>, id: number) {
    let found: number | undefined
    tellingCorruption('', onFault, () => {
      found = next(id)
    })
    return found
  }
}

function checkMeta(
  db: Database.Database,
  {
    path,
    beside,
    onFault,
  }: {
    readonly path: string
    readonly beside: Beside
    readonly onFault: OnFault
  },
): void {
  const { epoch, commitNo } = readMeta(db, path)
  const row = readFileRow(db, path)
  const { head } = beside
  if (isCopyWithoutLog(row, beside)) {
    onFault({
      channel: '',
      what: 'this is a copy of a database that a server had open, without its write-ahead log: its last events are missing',
    })
  }
  if (head === undefined) return
  if (commitNo < head.commitNo) {
    onFault({
      channel: '',
      what: `the database is at commit ${commitNo}, but commit ${head.commitNo} was made: acknowledged events are lost`,
    })
  }
  if (epoch !== head.epoch && row.replacedEpoch !== head.epoch) {
    onFault({
      channel: '',
      what: `the database has the epoch ${epoch}, but commits were made under ${head.epoch}`,
    })
  }
}

/** SQLite's own check, the long one: the short one does not see a key that is missing from its index. */
function checkStructure(db: Database.Database, onFault: OnFault): void {
  const said = db.pragma('integrity_check(100)') as readonly { readonly integrity_check: string }[]
  for (const { integrity_check: what } of said) {
    if (what !== 'ok') onFault({ channel: '', what: `SQLite says: ${what}` })
  }
}
