/**
 * What `rusher bench` ends with. Stable: scripts depend on them. (k6 ends with 99 where a threshold
 * is not met; here it is 10.)
 */
export const benchExits = {
  pass: 0,
  internal: 1,
  usage: 2,
  sloFailed: 10,
  invalid: 11,
  hostBootstrap: 12,
  server: 13,
  regression: 14,
  interrupted: 130,
} as const

const byCode: Readonly<Record<string, number>> = {
  USAGE: benchExits.usage,
  CONFIG: benchExits.usage,
  BUNDLE_EXISTS: benchExits.usage,
  HOST_BOOTSTRAP: benchExits.hostBootstrap,
  SERVER_START: benchExits.server,
  SERVER_UNREACHABLE: benchExits.server,
}

/** The exit code that a fault of a run deserves. */
export function benchExitOf(error: { readonly code: string }): number {
  return byCode[error.code] ?? benchExits.internal
}
