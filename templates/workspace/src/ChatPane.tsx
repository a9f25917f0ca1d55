import './ChatPane.css'
import { ChatRoom } from './room/ChatRoom.tsx'
import type { Session } from './session.ts'
import { useChannel } from './use-channel.ts'

interface ChatPaneProps {
  readonly name: string
  readonly title: string
  readonly session: Pick<Session, 'me' | 'client' | 'pages' | 'chat'>
}

/** What is said about a page. */
export function ChatPane({ name, title, session }: ChatPaneProps) {
  const { me, client, pages, chat } = session
  const { presence } = useChannel(pages)
  return (
    <section className="room chat-pane" aria-label={`Chat about ${title}`}>
      <header className="chat-head">
        <h2>Chat</h2>
      </header>
      <ChatRoom
        client={client}
        channel={chat(name)}
        name={title}
        me={me}
        online={presence}
        autoFocus={false}
      />
    </section>
  )
}
