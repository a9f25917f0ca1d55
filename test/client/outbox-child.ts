/** A program with a file store: publishes numbers until it is killed, and says which are stored. */

import { fileStore } from '../../src/client/file-store/index.ts'
import { connect } from '../../src/client/index.ts'

const [url = '', folder = '', from = '0', count = '0'] = process.argv.slice(2)
const store = fileStore(folder)
const client = connect(url, { user: { id: 'bot' }, store })
client.on('error', ({ code }) => console.log(`error ${code}`))
const channel = client.channel('chat:numbers')

for (let n = Number(from); n < Number(from) + Number(count); n += 1) {
  channel.publish({ kind: 'say', text: String(n) })
  await store.flush().then(
    () => console.log(`stored ${n}`),
    () => {},
  )
}
console.log('done')
// Lives until it is killed, also while nothing is connected.
setInterval(() => {}, 1_000)
