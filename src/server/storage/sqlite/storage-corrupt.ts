import { RusherError } from '../../../protocol/index.ts'
import { textOfBytes } from '../packed.ts'

/** What is stored is not what was written. */
export function corrupt(
  channel: Buffer,
  { offset, what }: { readonly offset?: number; readonly what: string },
): RusherError {
  const where = offset === undefined ? '' : ` at offset ${offset}`
  return new RusherError(
    'STORAGE_CORRUPT',
    `${textOfColumn(channel)}${where}: ${what}. Run \`rusher verify\`, and restore a backup.`,
  )
}

/** The text of a column that should hold bytes, and after an accident may hold anything. */
export function textOfColumn(value: unknown): string {
  return Buffer.isBuffer(value) ? textOfBytes(value) : String(value)
}
