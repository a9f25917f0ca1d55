import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import * as Y from 'yjs'
import { type Channel, type Client, connect } from '../../../src/client/index.ts'
import { indexedDbStore } from '../../../src/client/store/indexed-db/index.ts'

export interface ClientPageOptions {
  readonly url: string
  readonly user: string
  readonly channel: string
  /** Gets tokens from the page's server. */
  readonly tokens?: boolean
}

interface Said {
  readonly kind: 'say'
  readonly text: string
}

/** A client in a page, for tests to control. It runs in the browser. */
export class ClientPage {
  readonly #store = indexedDbStore()
  readonly #client: Client
  readonly #channel: Channel<Said>
  #document: HocuspocusProvider | undefined
  /** Events in order of arrival: offset and text. */
  readonly events: (readonly [number, string])[] = []
  /** Gaps and failures; tests expect none. */
  readonly faults: string[] = []
  /** States of the client, in order. */
  readonly states: string[] = []
  /** Texts of publishes that were acknowledged. */
  readonly acknowledged: string[] = []
  tokensAsked = 0

  constructor({ url, user, channel, tokens = false }: ClientPageOptions) {
    this.#client = connect(url, {
      user: { id: user },
      store: this.#store,
      ...(tokens && { token: () => this.#token(user) }),
    })
    this.#client.on('error', ({ code }) => this.faults.push(`store: ${code}`))
    this.#client.subscribe(() => {
      const { state } = this.#client.status
      if (this.states.at(-1) !== state) this.states.push(state)
    })
    this.#channel = this.#client.channel<Said>(channel)
    this.#channel.on('gap', (gap) => this.faults.push(`gap: ${JSON.stringify(gap)}`))
    this.#channel.on('error', ({ code }) => this.faults.push(`channel: ${code}`))
    this.#channel.on('event', (event) => {
      this.events.push([event.offset, 'body' in event ? event.body.text : 'erased'])
    })
  }

  isJoined(): boolean {
    return this.#channel.getSnapshot().state === 'joined'
  }

  /** Texts of publishes that are not acknowledged. */
  pending(): readonly string[] {
    return this.#channel.getSnapshot().pending.map(({ body }) => body.text)
  }

  /** Publishes without waiting for acknowledgements. */
  publish(texts: readonly string[]): void {
    for (const text of texts) {
      this.#channel.publish({ kind: 'say', text }).then(
        () => this.acknowledged.push(text),
        ({ code }) => this.faults.push(`publish: ${code}`),
      )
    }
  }

  /** Resolves when all publishes are in IndexedDB. */
  flush(): Promise<void> {
    return this.#store.flush()
  }

  /** Reads the log from the server, at most 100 events: offset and text. */
  async log(): Promise<readonly (readonly [number, string])[]> {
    const { events } = await this.#channel.history({ after: 0, limit: 100 })
    return events.map((event) => [
      event.offset,
      'body' in event ? (event.body as unknown as Said).text : 'erased',
    ])
  }

  /** Opens a document over the client's connection. */
  openDocument(name: string): void {
    const websocketProvider = new HocuspocusProviderWebsocket({
      url: 'ws://over.the.client',
      WebSocketPolyfill: this.#client.documentSocket,
    })
    this.#document = new HocuspocusProvider({ websocketProvider, name, document: new Y.Doc() })
    this.#document.attach()
  }

  isDocumentSaved(): boolean {
    return this.#document?.synced === true && !this.#document.hasUnsyncedChanges
  }

  /** Writes bytes into the document. */
  writeBytes(bytes: readonly number[]): void {
    this.#document?.document.getMap('values').set('bytes', Uint8Array.from(bytes))
  }

  readBytes(): readonly number[] {
    const bytes = this.#document?.document.getMap('values').get('bytes')
    return bytes instanceof Uint8Array ? [...bytes] : []
  }

  async #token(user: string): Promise<string> {
    this.tokensAsked += 1
    const response = await fetch(`/token?user=${user}`)
    return response.text()
  }
}

Object.assign(globalThis, { ClientPage })
