import type { PresenceEvent, PresenceState, PresenceUser } from '../protocol/message.ts'

export const nobody: PresenceState = { count: 0, users: [], sampled: false }

/** Who is here after an event. */
export function foldPresence(state: PresenceState, event: PresenceEvent): PresenceState {
  if (event.users !== undefined) {
    return { count: event.count, users: event.users, sampled: event.sampled ?? false }
  }
  const users = new Map<string, PresenceUser>(state.users.map((user) => [user.id, user]))
  for (const id of event.left ?? []) users.delete(id)
  for (const user of event.joined ?? []) users.set(user.id, user)
  return {
    count: event.count,
    users: [...users.values()],
    sampled: event.sampled ?? state.sampled,
  }
}
