import { HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import { type Channel, type Client, connect } from 'rusher/client'
import { indexedDbStore } from 'rusher/client/indexeddb'
import { vocabulary } from './page/extensions.ts'
import type { PagesBody } from './pages.ts'
import type { Me } from './people.ts'
import type { ChatBody } from './room/chat-body.ts'

/** The connection of this page of the browser. Channels and documents share it. */
export interface Session {
  readonly me: Me
  readonly client: Client
  /** The list of pages; whoever is in it is online. */
  readonly pages: Channel<PagesBody>
  /** The chat beside a page. It is joined when it is first asked for, and stays so. */
  chat(page: string): Channel<ChatBody>
  readonly documents: HocuspocusProviderWebsocket
}

/** What is published while the server is away survives a reload, and is sent once. */
const store = indexedDbStore()

export function openSession(me: Me): Session {
  const client = connect(serverUrl(), { user: me, store })
  return {
    me,
    client,
    pages: client.channel<PagesBody>('pages:all', { presence: true, latest: true, resume: false }),
    // A chat begins with the newest messages, however long the page was closed.
    chat: (page) => client.channel<ChatBody>(`chat:${page}`, { latest: true, resume: false }),
    documents: new HocuspocusProviderWebsocket({
      url: serverUrl(),
      WebSocketPolyfill: client.documentSocket,
    }),
  }
}

export function closeSession({ client, documents }: Session): void {
  documents.destroy()
  client.close()
}

/**
 * Where the server is, and what this editor can show: the server keeps what it cannot, instead of letting an old page of the browser
 * delete it.
 */
function serverUrl(): string {
  const { nodes, marks } = vocabulary()
  const params = new URLSearchParams({ nodes: nodes.join(), marks: marks.join() })
  return `${location.origin}/rusher?${params}`
}
