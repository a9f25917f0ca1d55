import { createServer } from 'rusher/server'

/** The root type of the text, as the page names it. */
const field = 'text'

const rusher = await createServer({
  port: Number(process.env['PORT'] ?? 8080),
  storage: 'sqlite:./data/documents.db',
  documents: {
    /** A page asks with `provider.sendStateless('count')`, and only that page is answered. */
    async onStateless({ document, text, connection }, documents) {
      if (text !== 'count') return
      documents.sendStateless(document, await countOf(document), { connection })
    },
  },
})
const { documents } = rusher

async function countOf(document: string): Promise<string> {
  const { text } = await documents.readText(document, { field })
  const words = text.split(/\s+/).filter((word) => word !== '').length
  return JSON.stringify({ kind: 'count', words })
}

/** Everybody who has the notes open is told the count after each change. */
const stop = documents.follow('notes', async (change) => {
  const what =
    change.kind === 'missed' ? `${change.last} and before` : `${change.kind} ${change.offset}`
  const count = await countOf('notes')
  documents.sendStateless('notes', count)
  console.log(`${what}: ${count}`)
})

await documents.writeText('notes', 'Write here.', { field, seed: true, as: { id: 'welcome' } })
console.log(`listening ${rusher.url}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stop()
    void rusher.close()
  })
}
