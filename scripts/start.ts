import { build } from 'vite'
import { copyConfig, root, viteOptions } from './template.ts'

/**
 * Shows the workspace template on the server of this tree: `npm start [-- flags of rusher serve]`. The page is built from
 * templates/workspace as it stands, with the client that was just compiled; what is written and said is kept in ./data.
 */
process.chdir(root)

await build({
  ...viteOptions('workspace', 'dist/src'),
  logLevel: 'warn',
  build: { outDir: `${root}.work/workspace`, emptyOutDir: true, chunkSizeWarningLimit: 1_200 },
})

const { main } = await import('../dist/src/cli/main.js')
await main([
  ...process.argv.slice(0, 2),
  'serve',
  ...['--config', copyConfig('workspace')],
  ...['--static', '.work/workspace'],
  ...process.argv.slice(2),
])
