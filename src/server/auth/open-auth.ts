import type { Auth } from './auth.ts'

/**
 * Takes everybody's word for who they are; who says nothing becomes a guest. For development, and for servers that only trusted
 * clients can reach.
 */
export function createOpenAuth(makeId: () => string): Auth {
  return {
    identify({ user }) {
      // The server's own publishes carry this name.
      if (user?.id === 'server') return undefined
      if (user !== undefined) return { user }
      return { user: { id: `guest-${makeId()}`, name: 'Guest' }, anonymous: true }
    },
  }
}
