import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Compiles what the tests start as a program, once for all of them. */
export function setup(): void {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const compiler = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url))
  execFileSync(compiler, ['-b', 'src/cli'], { cwd: root, stdio: 'inherit' })
  execFileSync(process.execPath, ['scripts/bundle-worker.ts'], { cwd: root, stdio: 'inherit' })
}
