import type { Auth } from './auth.ts'

/**
 * Takes everybody's word for who they are; who says nothing becomes a guest. For development, and for servers that only trusted
 * clients can reach.
 */
export function createOpenAuth(makeId: () => string): Auth {
  return {
    identify({ user }) {
      if (user !== undefined) return { user, selfDeclared: true }
      const guest = { id: `guest-${makeId()}`, name: 'Guest' }
      return { user: guest, anonymous: true, selfDeclared: true }
    },
  }
}
