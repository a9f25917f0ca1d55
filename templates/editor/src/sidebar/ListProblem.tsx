import type { Channel } from 'rusher/client'
import { Icon } from '../Icon.tsx'
import { useChannel } from '../use-channel.ts'

interface ListProblemProps {
  /** The channel of the list, whose app keeps latest values and nothing in a log. */
  readonly channel: Channel<unknown>
}

/** Says why the list does not work, where the server refuses it or was started without this app. */
export function ListProblem({ channel }: ListProblemProps) {
  const { state, error, position } = useChannel(channel)
  const problem =
    state === 'refused'
      ? `The server refuses this list: ${error?.message ?? 'it gave no reason'}.`
      : // Only a server that does not know the app writes to the log of its channel.
        (position?.offset ?? 0) > 0 &&
        'This server was started without the rusher.config.ts of this project, so that the list is not kept. Start it in the folder of the project.'
  if (problem === false) return null
  return (
    <p className="list-problem" role="alert">
      <Icon name="alert" />
      <span>{problem}</span>
    </p>
  )
}
