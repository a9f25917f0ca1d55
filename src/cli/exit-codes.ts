/** What a command ends with. Stable: scripts depend on them. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  /** Wrong usage or configuration: the same command will fail again. */
  usage: 2,
} as const

/** Codes of a RusherError that mean wrong usage or configuration. */
const usageCodes = new Set(['CONFIG', 'CONFIG_FILE', 'USAGE'])

/** The exit code that a fault deserves. */
export function exitCodeOf(error: { readonly code: string }): number {
  return usageCodes.has(error.code) ? exitCodes.usage : exitCodes.failure
}
