import { execFileSync } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { defaultLimits } from '../../src/protocol/index.ts'
import { openAcceptQueue } from '../../src/server/admission/accept-queue.ts'
import { createHttpListener } from '../../src/server/http/http-listener.ts'
import { silentLog } from '../../src/server/log/log.ts'

const ignore = (): void => undefined
const attempts = 5

/** Another process knocks so often, while this one accepts nothing, and ends once one was let in and the others had the time to be. */
function knock(port: number): void {
  const script = `
    const { connect } = require('node:net')
    const sockets = Array.from({ length: ${attempts} }, () => connect(${port}, '127.0.0.1'))
    Promise.any(sockets.map((socket) => new Promise((resolve) => socket.on('connect', resolve))))
      .then(() => setTimeout(() => process.exit(), 300))`
  execFileSync(process.execPath, ['-e', script])
}

test('a listener that holds off lets one wait, and as many as come once it listens again', async () => {
  const listener = createHttpListener({
    onRequest: ignore,
    onUpgrade: ignore,
    connectionsMax: 100,
    limits: defaultLimits,
    log: silentLog,
    metrics: { requestRefused: ignore },
  })
  const at = { port: 0, host: '127.0.0.1', reusePort: true }
  const port = await listener.listen(at)
  onTestFinished(listener.close)
  const queue = openAcceptQueue(listener.server)
  onTestFinished(queue.close)

  listener.holdOff()
  knock(port)
  expect(queue.waiting()).toBe(1)

  await listener.listen({ ...at, port })
  const before = queue.waiting()
  knock(port)
  expect(queue.waiting()).toBe(before + attempts)
})
