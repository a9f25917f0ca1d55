import { copyFileSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { InlineConfig } from 'vite'

/** Where things are, from the root of this tree; both scripts that show a template work there. */
export const root = fileURLToPath(new URL('../', import.meta.url))

/** How Vite sees a template in this tree: as it stands, with the client from `src` or `dist/src`. */
export function viteOptions(template: string, source: 'src' | 'dist/src'): InlineConfig {
  const client = `${root}${source}/client`
  const extension = source === 'src' ? 'ts' : 'js'
  return {
    root: `${root}templates/${template}`,
    resolve: {
      // In this order: the second is the beginning of the first.
      alias: {
        'rusher/client/indexeddb': `${client}/store/indexed-db/index.${extension}`,
        'rusher/client': `${client}/index.${extension}`,
      },
      dedupe: ['react', 'react-dom', 'yjs', 'y-protocols', 'lib0'],
    },
  }
}

/**
 * A template's configuration imports `rusher/server`, which is found from a copy in .work as this package's own name.
 * Answers with the copy's path.
 */
export function copyConfig(template: string): string {
  const copy = `.work/${template}.config.ts`
  mkdirSync(`${root}.work`, { recursive: true })
  copyFileSync(`${root}templates/${template}/rusher.config.ts`, `${root}${copy}`)
  return copy
}
