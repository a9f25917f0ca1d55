import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

import type { AtEnd } from './serve.ts'

/** An empty folder that is removed when the test has ended. */
export function temporaryDirectory(atEnd: AtEnd = onTestFinished): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'rusher-test-')))
  atEnd(() => rmSync(path, { recursive: true, force: true }))
  return path
}
