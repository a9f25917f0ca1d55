import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** Bundles a module of a page into one script. The path is relative to this folder. */
export async function bundle(path: string): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      rolldownOptions: {
        input: fileURLToPath(new URL(path, import.meta.url)),
        preserveEntrySignatures: 'strict',
      },
    },
  })
  const [first] = Array.isArray(built) ? built : [built]
  const chunk = first !== undefined && 'output' in first ? first.output[0] : undefined
  if (chunk === undefined) throw new Error('nothing was built')
  return chunk.code
}
