import react from '@vitejs/plugin-react'
import { defineConfig, loadEnv, type Plugin } from 'vite'

/** For the development server only: a fixed nonce gives no protection. */
const developmentNonce = 'vite'
/** Where `npm run dev` starts the Rusher server; `PORT` moves it. */
const rusherServer = `http://127.0.0.1:${loadEnv('', false, 'PORT')['PORT'] ?? 8080}`

export default defineConfig(({ command }) => ({
  // An editor is large; nothing of the page works without it.
  build: { chunkSizeWarningLimit: 1_200 },
  plugins: [react(), contentSecurityPolicy(), printUrlLast()],
  // Two copies of Yjs in one page do not know each other's documents.
  resolve: { dedupe: ['yjs', 'y-protocols', 'lib0', 'react', 'react-dom'] },
  ...(command === 'serve' ? { html: { cspNonce: developmentNonce } } : {}),
  server: {
    headers: { 'Content-Security-Policy': policyWith(true) },
    // In development the page comes from Vite and everything live from the Rusher server.
    proxy: {
      '/rusher': { target: rusherServer, ws: true },
      '/docs': { target: rusherServer, ws: true },
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

/** Prints the page's URL once the Rusher server answers: below all that it prints itself. */
function printUrlLast(): Plugin {
  return {
    name: 'print-url-last',
    apply: 'serve',
    configureServer(vite) {
      const printUrls = vite.printUrls.bind(vite)
      vite.printUrls = () => void untilReady().then(printUrls)
    },
  }
}

async function untilReady(): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    const response = await fetch(`${rusherServer}/readyz`).catch(() => undefined)
    if (response?.ok === true) return
  }
}
