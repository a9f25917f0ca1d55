import { build } from 'vite'
import { copyConfig, root, viteOptions } from './template.ts'

/**
 * Shows the chat template on the server of this tree: `npm start [-- flags of rusher serve]`. The page is built from
 * templates/chat as it stands, with the client that was just compiled; what is said is kept in ./data.
 */
process.chdir(root)

await build({
  ...viteOptions('chat', 'dist/src/client/index.js'),
  logLevel: 'warn',
  build: { outDir: `${root}.work/chat`, emptyOutDir: true },
})

const { main } = await import('../dist/src/cli/main.js')
await main([
  ...process.argv.slice(0, 2),
  'serve',
  ...['--config', copyConfig('chat')],
  ...['--static', '.work/chat'],
  ...process.argv.slice(2),
])
