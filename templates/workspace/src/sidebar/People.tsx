import type { Channel, Client } from 'rusher/client'
import { Avatar } from '../Avatar.tsx'
import { type Me, nameOf } from '../people.ts'
import { isAway, useChannel, useClient } from '../use-channel.ts'

const shownMax = 50

interface PeopleProps {
  readonly client: Client
  /** The channel that everybody is in. */
  readonly channel: Channel<unknown>
  readonly me: Me
}

/**
 * Who is online. In a crowd the server sends a sample, and the number still counts everyone. While
 * the server is away nobody knows: the list stays as it was, greyed, and says so.
 */
export function People({ client, channel, me }: PeopleProps) {
  const away = isAway(useClient(client))
  const { presence } = useChannel(channel)
  const { count, users } = presence ?? { count: 0, users: [] }
  const others = users
    .filter(({ id }) => id !== me.id)
    .sort((a, b) => nameOf(a).localeCompare(nameOf(b)))
    .slice(0, shownMax)
  const more = count - others.length - 1
  return (
    <section className={away ? 'people away' : 'people'} aria-label="People online">
      <h2>
        {away ? 'Online before you lost the connection' : 'Online'}
        {!away && presence !== undefined && <span className="count">{count}</span>}
      </h2>
      <ul>
        <li>
          <Avatar user={me} />
          <bdi className="person-name">{me.name}</bdi>
          <span className="you">you</span>
        </li>
        {others.map((user) => (
          <li key={user.id}>
            <Avatar user={user} />
            <bdi className="person-name">{nameOf(user)}</bdi>
          </li>
        ))}
      </ul>
      {more > 0 && <p className="more">and {more.toLocaleString()} more</p>}
    </section>
  )
}
