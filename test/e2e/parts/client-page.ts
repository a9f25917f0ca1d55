import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import * as Y from 'yjs'
import { type Channel, type Client, connect } from '../../../src/client/index.ts'
import { indexedDbStore } from '../../../src/client/store/indexed-db/index.ts'

export interface ClientPageOptions {
  readonly url: string
  readonly user: string
  readonly channel: string
  /** Has a token fetched from the page's own server. */
  readonly tokens?: boolean
}

interface Said {
  readonly kind: 'say'
  readonly text: string
}

/** The client as a page uses it, driven from outside. It runs in the browser. */
export class ClientPage {
  readonly #store = indexedDbStore()
  readonly #client: Client
  readonly #channel: Channel<Said>
  #document: HocuspocusProvider | undefined
  /** Events as they came: offset and text. */
  readonly events: (readonly [number, string])[] = []
  /** Gaps, failures of the channel and of the store; there should be none. */
  readonly faults: string[] = []
  /** States of the client as they changed. */
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

  /** Texts that wait for their acknowledgement. */
  pending(): readonly string[] {
    return this.#channel.getSnapshot().pending.map(({ body }) => body.text)
  }

  /** Publishes one after the other, without waiting for the acknowledgement of each. */
  publish(texts: readonly string[]): void {
    for (const text of texts) {
      this.#channel.publish({ kind: 'say', text }).then(
        () => this.acknowledged.push(text),
        ({ code }) => this.faults.push(`publish: ${code}`),
      )
    }
  }

  /** Resolves when what was published is in IndexedDB. */
  flush(): Promise<void> {
    return this.#store.flush()
  }

  /** The log, at most 100 events, from the server: offset and text. */
  async log(): Promise<readonly (readonly [number, string])[]> {
    const { events } = await this.#channel.history({ after: 0, limit: 100 })
    return events.map((event) => [
      event.offset,
      'body' in event ? (event.body as unknown as Said).text : 'erased',
    ])
  }

  /** Opens a document over the same connection. */
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

  /** Puts bytes, given as numbers, into the document. */
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
