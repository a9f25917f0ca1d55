import { expect, onTestFinished, test } from 'vitest'
import { defaultLimits } from '../../protocol/index.ts'
import { silentLog } from '../log/log.ts'
import { createHttpListener } from './http-listener.ts'

test('a failed accept is logged, and the listener keeps running', async () => {
  const logged: unknown[] = []
  const listener = createHttpListener({
    onRequest: (_, response) => void response.end('answered'),
    onUpgrade: (_, socket) => void socket.destroy(),
    connectionsMax: 10,
    limits: defaultLimits,
    log: { ...silentLog, error: (fields) => void logged.push(fields) },
    metrics: { requestRefused: () => undefined },
  })
  const port = await listener.listen({ port: 0, host: '127.0.0.1', reusePort: false })
  onTestFinished(listener.close)
  const fault = Object.assign(new Error('accept ENFILE'), { code: 'ENFILE' })
  listener.server.emit('error', fault)
  expect(logged).toEqual([{ err: fault }])
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('answered')
})
