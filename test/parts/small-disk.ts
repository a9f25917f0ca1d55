import { execFileSync } from 'node:child_process'
import { closeSync, ftruncateSync, openSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryDirectory } from './temporary-directory.ts'

/** A disk of 16 MB. */
export function smallDisk(): string {
  const directory = temporaryDirectory()
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', directory])
  onTestFinished(() => {
    execFileSync('umount', ['-l', directory])
  })
  return directory
}

/** Fills a disk with one file, up to its last page or so that some bytes are left. */
export function fillUp(directory: string, leftBytes = 0): string {
  const path = join(directory, 'ballast')
  const file = openSync(path, 'w')
  const { bavail, bsize } = statfsSync(directory)
  const block = Buffer.alloc(bsize)
  const blocks = bavail - Math.ceil(leftBytes / bsize)
  for (let left = blocks; left > 0; left -= 1) writeSync(file, block)
  ftruncateSync(file, blocks * bsize)
  closeSync(file)
  return path
}

/** Why no small disk can be had here; undefined when one can. */
export function tryMount(): string | undefined {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'pipe' })
    return undefined
  } catch (error) {
    return `a full disk is tested on a small tmpfs, which needs root on Linux (${error})`
  }
}
