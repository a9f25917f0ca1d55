import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import {
  HocuspocusProvider as HocuspocusProvider3,
  HocuspocusProviderWebsocket as HocuspocusProviderWebsocket3,
} from 'hocuspocus-provider-3'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { Awareness } from 'y-protocols/awareness'
import { WebsocketProvider } from 'y-websocket'
import { WebsocketProvider as WebsocketProvider30 } from 'y-websocket-3-0'
import * as Y from 'yjs'
import { until } from '../../parts/until.ts'

/** A provider that closes a connection while it is being made has no listener for what `ws` then says. */
class CalmWebSocket extends WebSocket {
  constructor(...given: ConstructorParameters<typeof WebSocket>) {
    super(...given)
    this.on('error', () => undefined)
  }
}

/** Such a socket that counts what is sent, over all connections of one provider. */
function countingSocket(): { readonly Socket: typeof CalmWebSocket; readonly bytes: () => number } {
  let bytes = 0
  class Socket extends CalmWebSocket {
    override send(...given: unknown[]): void {
      bytes += (given[0] as Uint8Array).byteLength
      super.send(...(given as Parameters<WebSocket['send']>))
    }
  }
  return { Socket, bytes: () => bytes }
}

/** The published clients, as their users have them. */
export const families = [
  'y-websocket 3.1',
  'y-websocket 3.0',
  'Hocuspocus 4',
  'Hocuspocus 3',
] as const
export type Family = (typeof families)[number]

export interface OpenOptions {
  readonly token?: string | (() => string)
  /** Who it says it is, to an open server. */
  readonly user?: string
  /** More parameters of the URL. */
  readonly params?: Readonly<Record<string, string>>
  readonly doc?: Y.Doc
  /** Does not wait until it is in step. */
  readonly impatient?: true
}

/** A document opened through a stock provider. */
export interface Opened {
  readonly family: Family
  readonly doc: Y.Doc
  readonly text: Y.Text
  readonly awareness: Awareness
  readonly synced: boolean
  /** Whether every edit was acknowledged; undefined where the provider cannot tell. */
  readonly saved: boolean | undefined
  /** Why a Hocuspocus document was refused, each time. */
  readonly refusals: readonly string[]
  /** What `onAuthenticated` was told, each time. */
  readonly scopes: readonly string[]
  readonly statelesses: readonly string[]
  /** Sends a stateless message; only Hocuspocus providers have them. */
  sendStateless(text: string): void
  /** Close codes of the connection. */
  readonly codes: readonly number[]
  /** Bytes of all messages that the provider sent. */
  readonly sentBytes: number
  /** y-websocket 3.1: it will not come back. */
  readonly stopped: boolean
  disconnect(): void
  connect(): void
  close(): void
}

/** Opens a document as somebody with that provider would, and waits until it is in step. */
export async function openDocument(
  family: Family,
  url: string,
  name: string,
  options: OpenOptions = {},
): Promise<Opened> {
  const opened = family.startsWith('y-websocket')
    ? openPlain(family, url, name, options)
    : openHocuspocus(family, url, name, options)
  onTestFinished(() => opened.close())
  if (options.impatient !== true) await until(`${family} is in step`, () => opened.synced)
  return opened
}

function paramsOf({ user, params }: OpenOptions): Record<string, string> {
  return { ...(user === undefined ? {} : { user, name: user }), ...params }
}

function openPlain(family: Family, url: string, name: string, options: OpenOptions): Opened {
  const { doc = new Y.Doc(), token } = options
  const codes: number[] = []
  const params = paramsOf(options)
  const { Socket, bytes } = countingSocket()
  if (typeof token === 'string') params['token'] = token
  // The two versions have the same face.
  const Provider = (
    family === 'y-websocket 3.1' ? WebsocketProvider : WebsocketProvider30
  ) as typeof WebsocketProvider
  const provider = new Provider(`${url.replace('http', 'ws')}/docs`, name, doc, {
    WebSocketPolyfill: Socket as unknown as typeof globalThis.WebSocket,
    disableBc: true,
    params,
  })
  let stopped = false
  provider.on('connection-close', (event) => void codes.push(event?.code ?? 0))
  provider.on('closed', () => {
    stopped = true
  })
  return {
    family,
    doc,
    text: doc.getText('t'),
    awareness: provider.awareness,
    get synced() {
      return provider.synced
    },
    saved: undefined,
    refusals: [],
    scopes: [],
    statelesses: [],
    sendStateless() {
      throw new Error('a y-websocket client has no stateless messages')
    },
    codes,
    get sentBytes() {
      return bytes()
    },
    get stopped() {
      return stopped
    },
    disconnect: () => provider.disconnect(),
    connect: () => provider.connect(),
    close: () => provider.destroy(),
  }
}

function openHocuspocus(family: Family, url: string, name: string, options: OpenOptions): Opened {
  const { doc = new Y.Doc(), token = '' } = options
  const refusals: string[] = []
  const scopes: string[] = []
  const statelesses: string[] = []
  const codes: number[] = []
  const query = new URLSearchParams(paramsOf(options))
  const { Socket: CountingSocket, bytes } = countingSocket()
  const old = family === 'Hocuspocus 3'
  const Socket = old ? HocuspocusProviderWebsocket3 : HocuspocusProviderWebsocket
  const socket = new Socket({
    url: `${url.replace('http', 'ws')}/docs?${query}`,
    WebSocketPolyfill: CountingSocket,
    delay: 50,
    minDelay: 50,
    maxDelay: 500,
    onClose: ({ event }: { event: { code: number } }) => void codes.push(event.code),
  })
  const shared = {
    name,
    document: doc,
    token,
    onAuthenticationFailed: ({ reason }: { reason: string }) => void refusals.push(reason),
    onAuthenticated: (data: unknown) =>
      void scopes.push(String((data as { scope?: string } | undefined)?.scope)),
    onStateless: ({ payload }: { payload: string }) => void statelesses.push(payload),
  }
  const provider = old
    ? new HocuspocusProvider3({
        ...shared,
        websocketProvider: socket as HocuspocusProviderWebsocket3,
      })
    : new HocuspocusProvider({
        ...shared,
        websocketProvider: socket as HocuspocusProviderWebsocket,
      })
  provider.attach()
  const { awareness } = provider
  if (awareness === null) throw new Error('a provider was made without awareness')
  return {
    family,
    doc,
    text: doc.getText('t'),
    awareness,
    get synced() {
      return provider.synced
    },
    get saved() {
      return provider.synced && !provider.hasUnsyncedChanges
    },
    refusals,
    scopes,
    statelesses,
    sendStateless: (text) => provider.sendStateless(text),
    codes,
    get sentBytes() {
      return bytes()
    },
    stopped: false,
    disconnect: () => socket.disconnect(),
    connect: () => void socket.connect(),
    close() {
      provider.destroy()
      socket.destroy()
    },
  }
}

/** Whether all have the same text, and which. */
export function agree(documents: readonly Opened[], wanted: string): boolean {
  return documents.every(({ text }) => text.toString() === wanted)
}

/** Names in the cursors that somebody sees, its own left out. */
export function namesSeen({ awareness }: Opened): readonly string[] {
  return [...awareness.getStates()]
    .filter(([client]) => client !== awareness.clientID)
    .map(([, state]) => String((state['user'] as { name?: unknown } | undefined)?.name))
    .sort()
}
