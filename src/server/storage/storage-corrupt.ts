import { RusherError } from '../../protocol/index.ts'

/** What is stored is not what was written. */
export function corrupt(
  channel: string,
  { offset, what }: { readonly offset?: number; readonly what: string },
): RusherError {
  const where = offset === undefined ? '' : ` at offset ${offset}`
  return new RusherError(
    'STORAGE_CORRUPT',
    `${channel}${where}: ${what}. Run \`rusher verify\`, and restore a backup.`,
  )
}
