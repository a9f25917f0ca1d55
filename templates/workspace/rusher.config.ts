import { defineApp, defineConfig } from 'rusher/server'

/**
 * The list of pages, as an app of its own: the channel `pages:all` keeps one value for each page, and whoever joins the
 * channel gets them all. What is in a page is a document, which needs no app.
 */
const pages = defineApp<null, { name: string }>({
  name: 'pages',
  parse(body) {
    if (typeof body !== 'object' || body === null || !('kind' in body)) return undefined
    const { kind, name } = body
    const valid =
      kind === 'open' && typeof name === 'string' && /^[a-z0-9][a-z0-9-]{0,31}$/.test(name)
    return valid ? { name } : undefined
  },
  decide(_state, { name }) {
    return { kind: 'publish', body: { kind: 'open', name }, keep: { latest: name } }
  },
})

export default defineConfig({
  chat: { textCharsMax: 4_000 },
  apps: [pages],
  // Who may read and write which page: uncomment, and give the server tokens to tell people apart.
  // permit: (identity, channel, act) => act === 'read' || identity.user.id !== 'guest',
})
