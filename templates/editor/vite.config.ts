import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** For the development server only: a fixed nonce gives no protection. */
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

/**
 * The content security policy. In development Vite injects scripts and styles that carry the nonce.
 */
function policyWith(development: boolean): string {
  const own = development ? `'self' 'nonce-${developmentNonce}'` : "'self'"
  return [
    "default-src 'none'",
    `script-src ${own}`,
    `style-src ${own}`,
    // Pasted content marks bold text with style attributes; stored pages contain none.
    "style-src-attr 'unsafe-inline'",
    // Pages may embed images from anywhere; on an https page the browser upgrades them to https.
    "img-src 'self' data: https: http:",
    `connect-src 'self'${development ? ' ws:' : ''}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}

/** Adds the policy to the built page, for any host. When the server sends one too, both apply. */
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
