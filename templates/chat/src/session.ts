import { type Channel, type Client, connect } from 'rusher/client'
import { indexedDbStore } from 'rusher/client/indexeddb'
import type { Me } from './people.ts'
import type { ChatBody } from './room/chat-body.ts'
import type { RoomsBody } from './rooms.ts'

/** One connection, and the channels this page uses on it. */
export interface Session {
  readonly me: Me
  readonly client: Client
  /** The list of rooms; whoever is in it is online. */
  readonly rooms: Channel<RoomsBody>
  /** The channel of a room. It is joined when it is first asked for, and stays so. */
  room(name: string): Channel<ChatBody>
}

/** What is typed while the server is away survives a reload, and is sent once. */
const store = indexedDbStore()

export function openSession(me: Me): Session {
  const client = connect(`${location.origin}/rusher`, { user: me, store })
  return {
    me,
    client,
    rooms: client.channel<RoomsBody>('rooms:all', { presence: true, latest: true, resume: false }),
    // A page begins with the newest messages, however long it was closed.
    room: (name) => client.channel<ChatBody>(`chat:${name}`, { latest: true, resume: false }),
  }
}
