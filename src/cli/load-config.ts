import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseEnv } from 'node:util'
import { RusherError } from '../protocol/index.ts'
import type { Config } from '../server/index.ts'
import { configFromEnvironment, parseConfig } from './settings.ts'

export interface ConfigSources {
  readonly directory: string
  /** A file named by a flag; absent: rusher.config.ts (or .js, .mjs) of the directory, where there is one. */
  readonly file: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly flags: Config
}

const fileNames = ['rusher.config.ts', 'rusher.config.mjs', 'rusher.config.js']

/**
 * The configuration in force: defaults < file < environment (with `.env` behind the real one) < flags. Rejects with CONFIG or
 * CONFIG_FILE, and a message that names the source.
 */
export async function loadConfig(sources: ConfigSources): Promise<Config> {
  const environment = { ...readDotEnv(sources.directory), ...sources.environment }
  const file = fileOf(sources, environment['RUSHER_CONFIG'])
  const fromFile = file === undefined ? {} : await importConfig(file)
  return { ...fromFile, ...configFromEnvironment(environment), ...sources.flags }
}

function readDotEnv(directory: string): Readonly<Record<string, string | undefined>> {
  const path = resolve(directory, '.env')
  return existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {}
}

function fileOf(
  { directory, file }: ConfigSources,
  fromVariable: string | undefined,
): string | undefined {
  const named = file ?? fromVariable
  if (named !== undefined) {
    const path = resolve(directory, named)
    if (!existsSync(path))
      throw new RusherError('CONFIG_FILE', `there is no configuration file ${path}`)
    return path
  }
  return fileNames.map((name) => resolve(directory, name)).find((path) => existsSync(path))
}

async function importConfig(path: string): Promise<Config> {
  let module: { readonly default?: unknown }
  try {
    const { tsImport } = await import('tsx/esm/api')
    module = (await tsImport(pathToFileURL(path).href, import.meta.url)) as { default?: unknown }
  } catch (cause) {
    throw new RusherError(
      'CONFIG_FILE',
      `${path} could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    )
  }
  if (module.default === undefined) {
    throw new RusherError(
      'CONFIG_FILE',
      `${path} must have a default export: export default defineConfig({ ... })`,
    )
  }
  return parseConfig(module.default, path)
}
