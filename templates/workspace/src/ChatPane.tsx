import './ChatPane.css'
import { titleOf } from './pages.ts'
import { ChatRoom } from './room/ChatRoom.tsx'
import type { Session } from './session.ts'
import { useChannel } from './use-channel.ts'

interface ChatPaneProps {
  readonly name: string
  readonly session: Pick<Session, 'me' | 'client' | 'pages' | 'chat'>
}

/** What is said about a page. */
export function ChatPane({ name, session }: ChatPaneProps) {
  const { me, client, pages, chat } = session
  const { presence } = useChannel(pages)
  return (
    <section className="room chat-pane" aria-label={`Chat about ${titleOf(name)}`}>
      <header className="chat-head">
        <h2>Chat</h2>
      </header>
      <ChatRoom
        client={client}
        channel={chat(name)}
        name={name}
        me={me}
        online={presence}
        autoFocus={false}
      />
    </section>
  )
}
