/**
 * Why a token, or a user without one, is refused. The keys are labels of a metric; the texts are
 * for the log, and all but that of `other` for whoever sent it.
 */
export const tokenFaults = {
  missing: 'no token came: give `token` to the client',
  malformed: 'what came is no signed token (JWT)',
  algorithm: 'the token names another algorithm than the server takes',
  signature: 'the signature is wrong: the signer has another key or secret',
  unknown_key: 'the token names a key that the signer does not publish',
  expired: 'the token has expired: check how long tokens live, and the clocks',
  not_yet: 'the token is not valid yet: check the clocks',
  issuer: 'the token is of another issuer (`iss`)',
  audience: 'the token is for another audience (`aud`)',
  subject: '`sub` must be the id of the user: a text of 1 to 128 characters, or a whole number',
  claim: 'a claim of the token is not what it must be',
  reserved: 'this user id is reserved by Rusher: give the user another',
  other_user: 'the token is for another user than the session',
  other: 'the `auth` of the configuration refused it',
} as const

/** A row of `tokenFaults`. */
export type TokenFault = keyof typeof tokenFaults

/** The row that a reason names; `other` for one that an `auth` made up. */
export function tokenFaultOf(reason: string): TokenFault {
  return Object.hasOwn(tokenFaults, reason) ? (reason as TokenFault) : 'other'
}
