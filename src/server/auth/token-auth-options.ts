/** How signed tokens (RFC 7519) are checked. Exactly one of `secret`, `publicKey` and `jwksUrl` is given. */
export interface TokenAuthOptions {
  /** A shared secret of at least 32 bytes: tokens are signed with HS256. */
  readonly secret?: string
  /** A public key in PEM (SPKI), with the algorithm its tokens are signed with. */
  readonly publicKey?: string
  /** Where the signer publishes its keys (RFC 7517). */
  readonly jwksUrl?: string
  /** The one algorithm tokens may name. HS256 for a secret; ES256 unless told otherwise for the others. */
  readonly algorithm?: string
  readonly issuer?: string
  readonly audience?: string
  /** How far the signer's clock may be off, in seconds. */
  readonly clockToleranceSeconds?: number
}
