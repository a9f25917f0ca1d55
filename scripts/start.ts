import { copyFileSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/**
 * Shows the chat template on the server of this tree: `npm start [-- flags of rusher serve]`. The page is built from
 * templates/chat as it stands, with the client that was just compiled; what is said is kept in ./data.
 */
const root = new URL('../', import.meta.url)
process.chdir(fileURLToPath(root))

await build({
  root: 'templates/chat',
  logLevel: 'warn',
  resolve: {
    alias: { 'rusher/client': fileURLToPath(new URL('dist/src/client/index.js', root)) },
    dedupe: ['react', 'react-dom'],
  },
  build: { outDir: fileURLToPath(new URL('.work/chat', root)), emptyOutDir: true },
})

// The template's configuration imports `rusher/server`. A copy in .work finds it, as this package's own name.
mkdirSync('.work', { recursive: true })
copyFileSync('templates/chat/rusher.config.ts', '.work/rusher.config.ts')

const { main } = await import('../dist/src/cli/main.js')
await main([
  ...process.argv.slice(0, 2),
  'serve',
  ...['--config', '.work/rusher.config.ts'],
  ...['--static', '.work/chat'],
  ...process.argv.slice(2),
])
