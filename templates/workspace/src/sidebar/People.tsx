import type { PresenceState } from 'rusher/client'
import { Avatar } from '../Avatar.tsx'
import { type Me, nameOf } from '../people.ts'

const shownMax = 50

interface PeopleProps {
  readonly presence: PresenceState | undefined
  readonly me: Me
}

/** Who is online. In a crowd the server sends a sample, and the number still counts everyone. */
export function People({ presence, me }: PeopleProps) {
  const { count, users } = presence ?? { count: 0, users: [] }
  const others = users
    .filter(({ id }) => id !== me.id)
    .sort((a, b) => nameOf(a).localeCompare(nameOf(b)))
    .slice(0, shownMax)
  const more = count - others.length - 1
  return (
    <section className="people" aria-label="People online">
      <h2>
        Online <span className="count">{count}</span>
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
