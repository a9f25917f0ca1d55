import { SignJWT } from 'jose'

export const secret = 'a secret that is long enough: 0123456789'

export interface TokenOptions {
  readonly user?: string
  /** Seconds from now to its end; may have passed. */
  readonly endsIn?: number
  readonly secret?: string
  readonly audience?: string
}

/** A token as somebody's own server signs it. */
export function signToken({
  user = 'ada',
  endsIn = 600,
  ...more
}: TokenOptions = {}): Promise<string> {
  const token = new SignJWT({ sub: user, exp: Math.floor(Date.now() / 1_000) + endsIn })
  if (more.audience !== undefined) token.setAudience(more.audience)
  return token
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(more.secret ?? secret))
}

/** A token that claims to need no signature. */
export function unsignedToken(user = 'ada'): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${encode({ alg: 'none' })}.${encode({ sub: user, exp: 4_102_444_800 })}.`
}
