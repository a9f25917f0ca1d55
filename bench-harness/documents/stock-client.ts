import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

/** A published client, as its users have it. */
export type Family = 'y-websocket' | 'Hocuspocus'

/** A document that a stock client keeps in step. */
export interface StockClient {
  readonly doc: Y.Doc
  readonly synced: boolean
  /** Updates of it that are not acknowledged; 0 where the client cannot tell. */
  readonly unsaved: number
  close(): void
}

/** A provider that closes a connection while it is being made has no listener for what `ws` then says. */
class CalmWebSocket extends WebSocket {
  constructor(...given: ConstructorParameters<typeof WebSocket>) {
    super(...given)
    this.on('error', () => undefined)
  }
}

/** Opens a document below `/docs` of a server on loopback; it reconnects by itself. */
export function openStock(family: Family, port: number, name: string): StockClient {
  const doc = new Y.Doc()
  const url = `ws://127.0.0.1:${port}/docs`
  if (family === 'y-websocket') {
    const provider = new WebsocketProvider(url, name, doc, {
      WebSocketPolyfill: CalmWebSocket as unknown as typeof globalThis.WebSocket,
      disableBc: true,
      maxBackoffTime: 500,
    })
    return {
      doc,
      get synced() {
        return provider.synced
      },
      unsaved: 0,
      close: () => provider.destroy(),
    }
  }
  const websocketProvider = new HocuspocusProviderWebsocket({
    url,
    WebSocketPolyfill: CalmWebSocket,
    delay: 50,
    minDelay: 50,
    maxDelay: 500,
  })
  const provider = new HocuspocusProvider({ websocketProvider, name, document: doc })
  provider.attach()
  return {
    doc,
    get synced() {
      return provider.synced
    },
    get unsaved() {
      return provider.unsyncedChanges
    },
    close() {
      provider.destroy()
      websocketProvider.destroy()
    },
  }
}
