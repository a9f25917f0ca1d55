import {
  createRemoteJWKSet,
  errors,
  importSPKI,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose'
import { parseUser, RusherError } from '../../protocol/index.ts'
import type { Auth, AuthRefusal, Identity } from './auth.ts'
import type { TokenAuthOptions } from './token-auth-options.ts'
import type { TokenFault } from './token-faults.ts'

const secretBytesMin = 32
const clockToleranceSecondsMax = 60
const nameCharsMax = 128
/** The largest time that a Date can represent, in milliseconds since 1970. */
const lastMs = 8.64e15

/**
 * Authenticates with a signed token (RFC 7519): `sub` is the user id, `name` the user name, `exp`
 * the expiry of the session. An integer `sub` becomes a string. User data sent by the client is
 * ignored. The algorithm is pinned, so that a token cannot choose how it is verified. Rejects with
 * CONFIG unless exactly one key is given.
 */
export async function createTokenAuth(options: TokenAuthOptions, now: () => number): Promise<Auth> {
  const { key, algorithm } = await keyOf(options)
  const verification = {
    algorithms: [algorithm],
    clockTolerance: Math.min(options.clockToleranceSeconds ?? 5, clockToleranceSecondsMax),
    requiredClaims: ['sub'],
    ...(options.issuer === undefined ? {} : { issuer: options.issuer }),
    ...(options.audience === undefined ? {} : { audience: options.audience }),
  }
  return {
    async identify({ token }) {
      if (token === undefined || token === '') return refuse('missing')
      try {
        const currentDate = new Date(now())
        const { payload } = await jwtVerify(token, key, { ...verification, currentDate })
        return identityOf(payload, verification.clockTolerance)
      } catch (error) {
        // Where the signer's keys cannot be had, nobody knows whether the token is good: that is not a refusal.
        if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) throw error
        if (error instanceof errors.JOSEError && error.code !== 'ERR_JOSE_GENERIC') {
          return refuse(faultOf(error), error.message)
        }
        throw error
      }
    },
  }
}

function refuse(refused: TokenFault, detail?: string): AuthRefusal {
  return { refused, ...(detail === undefined ? {} : { detail }) }
}

const faultsOfClaims = new Map<string, TokenFault>([
  ['nbf', 'not_yet'],
  ['iss', 'issuer'],
  ['aud', 'audience'],
  ['sub', 'subject'],
])

function faultOf(error: errors.JOSEError): TokenFault {
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed) {
    // `invalid` means that a claim has a wrong type.
    const isTyped = error.reason !== 'invalid'
    return (isTyped ? faultsOfClaims.get(error.claim) : undefined) ?? 'claim'
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature'
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm'
  if (error instanceof errors.JWKSNoMatchingKey) return 'unknown_key'
  return error instanceof errors.JWKSMultipleMatchingKeys ? 'unknown_key' : 'malformed'
}

function identityOf(claims: JWTPayload, toleranceSeconds: number): Identity | AuthRefusal {
  const sub: unknown = claims.sub
  const id = Number.isSafeInteger(sub) ? String(sub) : sub
  const user = parseUser({ id, ...nameIn(claims) })
  if (user === undefined) {
    // JSON parsing has rounded it, so two users could become one.
    const detail = typeof sub === 'number' ? 'use a string for large ids' : undefined
    return refuse('subject', detail)
  }
  const { exp } = claims
  const endMs = exp === undefined ? undefined : Math.min((exp + toleranceSeconds) * 1_000, lastMs)
  return { user, claims, ...(endMs === undefined ? {} : { expiresAt: endMs }) }
}

/** The display name: truncated if too long, ignored if not a string. */
function nameIn(claims: JWTPayload): { readonly name?: string } {
  const name = claims['name']
  if (typeof name !== 'string' || name === '') return {}
  const cut = name.slice(0, nameCharsMax)
  return { name: cut.length < name.length ? cut.replace(/[\ud800-\udbff]$/, '') : cut }
}

async function keyOf(
  options: TokenAuthOptions,
): Promise<{ key: JWTVerifyGetKey; algorithm: string }> {
  const { secret, publicKey, jwksUrl } = options
  const given = [secret, publicKey, jwksUrl].filter((one) => one !== undefined)
  if (given.length !== 1) {
    throw new RusherError('CONFIG', 'auth needs exactly one of secret, publicKey and jwksUrl')
  }
  if (secret !== undefined) {
    const bytes = new TextEncoder().encode(secret)
    if (bytes.length < secretBytesMin) {
      throw new RusherError(
        'CONFIG',
        `the token secret has ${bytes.length} bytes; use at least ${secretBytesMin} (for example: openssl rand -base64 48)`,
      )
    }
    const algorithm = options.algorithm ?? 'HS256'
    if (!algorithm.startsWith('HS')) {
      throw new RusherError(
        'CONFIG',
        `a secret cannot check ${algorithm}: give a publicKey or a jwksUrl`,
      )
    }
    return { key: () => Promise.resolve(bytes), algorithm }
  }
  const algorithm = options.algorithm ?? 'ES256'
  if (algorithm.startsWith('HS') || algorithm === 'none') {
    throw new RusherError('CONFIG', `${algorithm} cannot be checked with a public key`)
  }
  if (publicKey !== undefined) {
    const imported = await importSPKI(publicKey, algorithm).catch((cause: unknown) => {
      throw new RusherError('CONFIG', 'the publicKey is not an SPKI key in PEM', { cause })
    })
    return { key: () => Promise.resolve(imported), algorithm }
  }
  return { key: createRemoteJWKSet(new URL(jwksUrl ?? '')), algorithm }
}
