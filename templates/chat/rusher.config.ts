import { defineApp, defineConfig } from 'rusher/server'

/**
 * The list of rooms, as an app of its own: the channel `rooms:all` keeps one value for each room, and whoever joins the
 * channel gets them all. An app is a pure function from a command to a decision; the server does the rest.
 */
const rooms = defineApp<null, { name: string }>({
  name: 'rooms',
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
  apps: [rooms],
})
