import {
  createRemoteJWKSet,
  errors,
  importSPKI,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose'
import { parseUser, RusherError } from '../../protocol/index.ts'
import type { Auth, Identity } from './auth.ts'
import type { TokenAuthOptions } from './token-auth-options.ts'

const secretBytesMin = 32
const clockToleranceSecondsMax = 60

/**
 * Identifies by a signed token (RFC 7519): `sub` is the user's id, `name` its name, `exp` the session's end. The algorithm is pinned, so
 * that a token cannot choose how it is checked. Rejects with CONFIG when no key, or more than one, is given.
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
      if (token === undefined) return undefined
      try {
        const currentDate = new Date(now())
        const { payload } = await jwtVerify(token, key, { ...verification, currentDate })
        return identityOf(payload, verification.clockTolerance)
      } catch (error) {
        // Where the signer's keys cannot be had, nobody knows whether the token is good: that is not a refusal.
        if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) throw error
        if (error instanceof errors.JOSEError && error.code !== 'ERR_JOSE_GENERIC') return undefined
        throw error
      }
    },
  }
}

function identityOf(claims: JWTPayload, toleranceSeconds: number): Identity | undefined {
  const user = parseUser({ id: claims.sub, name: claims['name'] })
  if (user === undefined) return undefined
  return {
    user,
    claims,
    ...(claims.exp === undefined ? {} : { expiresAt: (claims.exp + toleranceSeconds) * 1_000 }),
  }
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
