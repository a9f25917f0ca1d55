/**
 * Why a token, or a user without one, is refused. The keys are metric labels. The texts are for the
 * log and, except for `other`, for the client.
 */
export const tokenFaults = {
  missing: 'no token was sent: pass `token` to the client',
  malformed: 'not a signed token (JWT)',
  algorithm: 'the token uses an algorithm that the server does not accept',
  signature: 'the signature does not match: the signer uses a different key or secret',
  unknown_key: 'the token refers to a key that the issuer does not publish',
  expired: 'the token has expired: check the token lifetime and the system clocks',
  not_yet: 'the token is not valid yet: check the system clocks',
  issuer: 'the token is from another issuer (`iss`)',
  audience: 'the token is for another audience (`aud`)',
  subject: '`sub` must be the user id: a string of 1 to 128 characters or an integer',
  claim: 'a claim of the token is invalid',
  reserved: 'this user id is reserved by Rusher: choose another',
  other_user: "the token is not for this session's user",
  other: 'rejected by the configured `auth`',
} as const

/** A key of `tokenFaults`. */
export type TokenFault = keyof typeof tokenFaults

/** The key for a reason; `other` for a custom reason of an `auth`. */
export function tokenFaultOf(reason: string): TokenFault {
  return Object.hasOwn(tokenFaults, reason) ? (reason as TokenFault) : 'other'
}
