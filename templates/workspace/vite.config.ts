import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** Only on the developer's own machine: a nonce that anybody can know keeps nobody out. */
const developmentNonce = 'vite'

export default defineConfig(({ command }) => ({
  // An editor is large; nothing of the page works without it.
  build: { chunkSizeWarningLimit: 1_200 },
  plugins: [react(), contentSecurityPolicy()],
  // Two copies of Yjs in one page do not know each other's documents.
  resolve: { dedupe: ['yjs', 'y-protocols', 'lib0', 'react', 'react-dom'] },
  ...(command === 'serve' ? { html: { cspNonce: developmentNonce } } : {}),
  server: {
    headers: { 'Content-Security-Policy': policyWith(true) },
    // In development the page comes from Vite and everything live from the Rusher server.
    proxy: {
      '/rusher': { target: 'http://127.0.0.1:8080', ws: true },
      '/docs': { target: 'http://127.0.0.1:8080', ws: true },
    },
  },
}))

/** What the page may load and run: only what came with it. In development Vite adds scripts and styles, which carry the nonce. */
function policyWith(development: boolean): string {
  const own = development ? `'self' 'nonce-${developmentNonce}'` : "'self'"
  return [
    "default-src 'none'",
    `script-src ${own}`,
    `style-src ${own}`,
    // What is pasted says with styles what is bold; what is stored in a page has none.
    "style-src-attr 'unsafe-inline'",
    // Pictures in pages are shown from wherever they are; on a page of https a browser asks for them with https.
    "img-src 'self' data: https: http:",
    `connect-src 'self'${development ? ' ws:' : ''}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}

/** The server sends a policy too, and the stricter one of both holds. This one goes where the page goes. */
function contentSecurityPolicy(): Plugin {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: policyWith(false) },
        injectTo: 'head-prepend',
      },
    ],
  }
}
