import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { RusherError } from '../../protocol/index.ts'

/** A run by its folder, or by its id where `rusher bench` keeps them. */
export function folderOfRun(run: string): string {
  const found = [run, join('rusher-runs', run)].find((folder) =>
    existsSync(join(folder, 'plan.json')),
  )
  if (found === undefined)
    throw new RusherError(
      'USAGE',
      `there is no run ${run}; name its folder, or its id in ./rusher-runs`,
    )
  return found
}
