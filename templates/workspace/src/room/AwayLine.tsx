import type { Client } from 'rusher/client'
import { Icon } from '../Icon.tsx'
import { isAway, useClient } from '../use-channel.ts'

/** Says that the server is away, and what that means for what one writes. */
export function AwayLine({ client }: { client: Client }) {
  const connection = useClient(client)
  const away = isAway(connection)
  return (
    <p className={away ? 'away-line shown' : 'away-line'} role="status">
      {away && (
        <>
          <Icon name="alert" />
          <span>
            {connection.state === 'closed'
              ? 'The connection was closed. Reload the page to go on.'
              : 'You are offline. Messages are sent when the connection is back.'}
          </span>
        </>
      )}
    </p>
  )
}
