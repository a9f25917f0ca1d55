import { createServer } from 'vite'
import { copyConfig, root, viteOptions } from './template.ts'

/**
 * For work on a template in this tree: `node scripts/dev-template.ts [name]`. Its page comes from Vite and changes as files
 * do, with the client as it is in src/; the server on port 8080 is the one that `npm run build` compiled last.
 */
process.chdir(root)
const template = process.argv[2] ?? 'workspace'

const vite = await createServer(viteOptions(template, 'src'))
await vite.listen()
vite.printUrls()

const { main } = await import('../dist/src/cli/main.js')
await main([...process.argv.slice(0, 2), 'serve', '--config', copyConfig(template)])
await vite.close()
