import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What the library of powercut.c is told. */
export interface PowercutOptions {
  /** The directory that is watched, and the one that gets what was synced; both as real paths. */
  readonly directory: string
  readonly shadow: string
  /** The sync from which all fail with EIO. */
  readonly eioAfter?: number
  /** The write or rename at which the process is killed. */
  readonly killAfter?: number
}

/** Compiles powercut.c into a directory. Says what to install where it cannot. */
export function compilePowercut(directory: string): { library: string } | { missing: string } {
  const source = fileURLToPath(new URL('./powercut.c', import.meta.url))
  const library = join(directory, 'powercut.so')
  if (process.platform !== 'linux') return { missing: 'power cuts are tested on Linux only' }
  try {
    execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'])
  } catch (error) {
    return { missing: `power cuts are tested with gcc; install gcc and libc6-dev (${error})` }
  }
  return { library }
}

/** The environment that puts the library into a child process. */
export function powercutEnvironment(
  library: string,
  { directory, shadow, eioAfter, killAfter }: PowercutOptions,
): Record<string, string> {
  return {
    LD_PRELOAD: library,
    POWERCUT_DIR: directory,
    POWERCUT_SHADOW: shadow,
    ...(eioAfter === undefined ? {} : { POWERCUT_EIO_AFTER: String(eioAfter) }),
    ...(killAfter === undefined ? {} : { POWERCUT_KILL_AFTER: String(killAfter) }),
  }
}
