import type { Plugin } from 'vite'

/**
 * Makes the built app open without the server: adds `sw.js`, a service worker that keeps the app's
 * own files. What the server says live, below `/rusher` and `/docs`, never passes through it.
 */
export function offlineApp(): Plugin {
  return {
    name: 'offline-app',
    apply: 'build',
    generateBundle: {
      order: 'post',
      async handler(_options, bundle) {
        const page = bundle['index.html']
        const text = page?.type === 'asset' ? String(page.source) : ''
        // What was built, and what the page names of the folder `public`.
        const named = [...text.matchAll(/(?:href|src)="\/([^"]+)"/g)].map(([, name = '']) => name)
        const built = Object.keys(bundle).filter((name) => name !== 'index.html')
        const files = [...new Set([...built, ...named])].sort()
        this.emitFile({
          type: 'asset',
          fileName: 'sw.js',
          source: `const version = '${await versionOf(files.join() + text)}'
const files = ${JSON.stringify(files)}
${worker}`,
        })
      },
    },
  }
}

/** Names of built files change with their content, so they and the page tell builds apart. */
async function versionOf(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  const bytes = Array.from(new Uint8Array(hash).subarray(0, 8))
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * The page comes from the server while it answers, so that a new build is there at once, and from
 * the cache when it does not. A new worker waits until no tab uses the files of the old one.
 */
const worker = `
const cacheName = 'app-' + version
const page = new URL('./', self.location).href
const kept = new Set(files.map((file) => new URL(file, self.location).href))

self.addEventListener('install', (event) => {
  const fresh = [page, ...kept].map((url) => new Request(url, { cache: 'no-cache' }))
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(fresh)))
})

self.addEventListener('activate', (event) => {
  const remove = async () => {
    const names = await caches.keys()
    const old = names.filter((name) => name.startsWith('app-') && name !== cacheName)
    await Promise.all(old.map((name) => caches.delete(name)))
  }
  event.waitUntil(remove())
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  if (request.method !== 'GET') return
  if (request.mode === 'navigate' && request.url.split(/[?#]/)[0] === page) {
    event.respondWith(openPage(request))
  } else if (kept.has(request.url)) {
    event.respondWith(caches.match(request).then((found) => found ?? fetch(request)))
  }
})

async function openPage(request) {
  const keptPage = () => caches.match(page)
  try {
    const response = await fetch(request)
    // A proxy answers for a server that is away.
    return response.status < 500 ? response : ((await keptPage()) ?? response)
  } catch (error) {
    const found = await keptPage()
    if (found === undefined) throw error
    return found
  }
}
`
