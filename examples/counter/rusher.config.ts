import { defineApp, defineConfig } from 'rusher/server'

/** Adds to the count: a publish. `read` is a request, and is answered. */
type Command = { readonly kind: 'add'; readonly by: number } | { readonly kind: 'read' }

/** Channels `counter:*`: a number that everybody sees and may change, between 0 and 1000. */
const counter = defineApp<{ readonly value: number }, Command>({
  name: 'counter',
  initial: { value: 0 },

  parse(body) {
    if (typeof body !== 'object' || body === null || !('kind' in body)) return undefined
    const { kind, by } = body
    if (kind === 'read') return { kind }
    return kind === 'add' && Number.isSafeInteger(by) ? { kind, by: Number(by) } : undefined
  },

  decide({ value }, command) {
    if (command.kind === 'read') return { kind: 'reply', body: { value } }
    const next = value + command.by
    if (next < 0 || next > 1_000) {
      return { kind: 'reject', code: 'DENIED', message: 'the count stays between 0 and 1000' }
    }
    return { kind: 'publish', body: { value: next }, keep: 'log' }
  },

  // What `decide` published comes back here once it is kept, and again at every start.
  apply: (_state, event) => event.body as { value: number },

  // The newest 1000 events are kept; the state before them is kept as a snapshot.
  retention: { count: 1_000 },
})

export default defineConfig({ apps: [counter] })
