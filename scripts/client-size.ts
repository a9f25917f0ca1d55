/** Prints what `rusher/client` weighs in a browser: bundled, minified, gzipped. */
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

const built = await build({
  configFile: false,
  logLevel: 'warn',
  build: {
    write: false,
    minify: true,
    target: 'es2023',
    modulePreload: false,
    rolldownOptions: {
      input: fileURLToPath(new URL('../src/client/index.ts', import.meta.url)),
      preserveEntrySignatures: 'strict',
    },
  },
})

for (const bundle of Array.isArray(built) ? built : [built]) {
  if (!('output' in bundle)) continue
  for (const file of bundle.output) {
    if (file.type !== 'chunk') continue
    const bytes = gzipSync(file.code, { level: 9 }).length
    console.log(`rusher/client: ${file.code.length} bytes minified, ${bytes} bytes gzipped`)
  }
}
