/**
 * Prints what `rusher/client` and its stores weigh in a browser: bundled, minified, gzipped. A store
 * is counted with everything that it loads, also what the client has already.
 */
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

const entries = {
  'rusher/client': 'index.ts',
  'rusher/client/indexeddb': 'store/indexed-db/index.ts',
  'rusher/client/async-storage': 'store/async-storage/index.ts',
}

for (const [name, file] of Object.entries(entries)) {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      minify: true,
      target: 'es2023',
      modulePreload: false,
      rolldownOptions: {
        input: fileURLToPath(new URL(`../src/client/${file}`, import.meta.url)),
        preserveEntrySignatures: 'strict',
      },
    },
  })
  for (const bundle of Array.isArray(built) ? built : [built]) {
    if (!('output' in bundle)) continue
    for (const chunk of bundle.output) {
      if (chunk.type !== 'chunk') continue
      const bytes = gzipSync(chunk.code, { level: 9 }).length
      console.log(`${name}: ${chunk.code.length} bytes minified, ${bytes} bytes gzipped`)
    }
  }
}
