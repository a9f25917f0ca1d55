export const packageManagers = ['npm', 'pnpm', 'yarn', 'bun'] as const

export type PackageManager = (typeof packageManagers)[number]

/** The package manager that started this process, as it says itself in `npm_config_user_agent`. */
export function packageManagerOf(userAgent: string | undefined): PackageManager {
  const [name] = userAgent?.split('/') ?? []
  return packageManagers.find((one) => one === name) ?? 'npm'
}

/** What to type to run a script of package.json. */
export function runScript(manager: PackageManager, script: string): string {
  return manager === 'yarn' || manager === 'pnpm'
    ? `${manager} ${script}`
    : `${manager} run ${script}`
}
