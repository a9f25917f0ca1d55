import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

export default defineConfig({
  // An editor is large; nothing of the page works without it.
  build: { chunkSizeWarningLimit: 1_200 },
  plugins: [react(), contentSecurityPolicy()],
  // Two copies of Yjs in one page do not know each other's documents.
  resolve: { dedupe: ['yjs', 'y-protocols', 'lib0', 'react', 'react-dom'] },
  server: {
    // In development the page comes from Vite and everything live from the Rusher server.
    proxy: {
      '/rusher': { target: 'http://127.0.0.1:8080', ws: true },
      '/docs': { target: 'http://127.0.0.1:8080', ws: true },
    },
  },
})

/** The built page may load and run only what came with it. Vite's development server needs more, so not there. */
function contentSecurityPolicy(): Plugin {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    // Pictures in pages are shown from wherever they are.
    "img-src 'self' data: https: http:",
    "connect-src 'self' ws: wss:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: policy },
        injectTo: 'head-prepend',
      },
    ],
  }
}
