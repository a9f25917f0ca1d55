import { connect } from 'rusher/client'

/** Counts once, and says what everybody counts: `node examples/counter/client.ts [url]`. Ctrl-C ends it. */
const client = connect(process.argv[2] ?? 'http://127.0.0.1:8080')
const visits = client.channel('counter:visits')

visits.on('event', (event) => {
  if ('body' in event) console.log('event', event.offset, event.body)
})
visits.on('error', ({ code, message }) => console.error(`${code}: ${message}`))

await visits.publish({ kind: 'add', by: 1 })
console.log('the server says:', await visits.request({ kind: 'read' }))
