/** Makes the one file that `rusher bench` puts on a client's machine: dist/bench-harness/worker.mjs, and its sha256 beside it. */
import { createHash } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** It goes through ssh to every machine. */
const bytesMax = 150_000

const file = fileURLToPath(new URL('../dist/bench-harness/worker.mjs', import.meta.url))

const {
  outputFiles: [output],
} = await build({
  entryPoints: [fileURLToPath(new URL('../bench-harness/program.ts', import.meta.url))],
  outfile: file,
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  legalComments: 'none',
  logLevel: 'warning',
  write: false,
})

if (output === undefined) throw new Error('esbuild made no file')
const bytes = output.contents
if (bytes.length >= bytesMax)
  throw new Error(`${file} has ${bytes.length} bytes; it may have ${bytesMax}`)
// Runs that are under way may be reading the one before.
writeFileSync(`${file}.new`, bytes)
renameSync(`${file}.new`, file)
writeFileSync(`${file}.sha256`, createHash('sha256').update(bytes).digest('hex'))
