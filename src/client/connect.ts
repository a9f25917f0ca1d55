import type { Client, ConnectOptions } from './client.ts'
import { ClientCore } from './client-core.ts'
import { ClientError } from './client-error.ts'
import { systemClock } from './clock.ts'
import { makeOrderedId } from './make-id.ts'
import { openSocket, socketUrl, type WebSocketConstructor } from './web-socket.ts'

/**
 * Connects to a server and stays connected: after a loss it comes back by itself, joins its channels where they were, and sends
 * what was not acknowledged again. The URL may be http(s) or ws(s); without a path it means the server's own.
 */
export function connect(url: string, options: ConnectOptions = {}): Client {
  const target = socketUrl(url)
  const webSocket = options.webSocket ?? globalWebSocket()
  const random = options.random ?? Math.random
  const clock = options.clock ?? systemClock
  const client = new ClientCore({
    options,
    random,
    clock,
    makeId: options.makeId ?? (() => makeOrderedId(clock.now())),
    outboxMax: options.outboxMax ?? 1000,
    inFlightMax: options.inFlightMax ?? 1,
    timeoutMs: options.timeoutMs ?? 20_000,
    url: target,
    openSocket: (handlers, protocols) => openSocket(target, handlers, webSocket, protocols),
  })
  client.start()
  return hearNetwork(client)
}

function globalWebSocket(): WebSocketConstructor {
  if (typeof globalThis.WebSocket === 'function') {
    // Its handlers take wider events than ours give; what is used of them is the same.
    return globalThis.WebSocket as unknown as WebSocketConstructor
  }
  throw new ClientError('NO_WEB_SOCKET', 'no WebSocket here: pass `webSocket`')
}

/** Browsers say when the network is back, and when it is gone: that is looked into at once. */
function hearNetwork(client: ClientCore): Client {
  if (typeof globalThis.addEventListener !== 'function') return client
  const heard = { online: () => client.reconnectNow(), offline: () => client.probe() }
  for (const [name, listener] of Object.entries(heard)) globalThis.addEventListener(name, listener)
  const stop = client.subscribe(() => {
    if (client.getSnapshot().state !== 'closed') return
    for (const [name, listener] of Object.entries(heard)) {
      globalThis.removeEventListener(name, listener)
    }
    stop()
  })
  return client
}
