import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseEnv } from 'node:util'
import { RusherError } from '../protocol/index.ts'
import type { Config } from '../server/index.ts'
import { describeLoadError } from './load-error.ts'
import { configFromEnvironment, parseConfig, portFromPlatform } from './settings.ts'

export interface ConfigSources {
  readonly directory: string
  /** A file named by a flag; absent: the first of `configFileNames` in the directory, if any. */
  readonly file: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly flags: Config
}

/** Names of configuration files; the first one that exists is used. */
export const configFileNames = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map(
  (extension) => `rusher.config.${extension}`,
)

/**
 * The configuration in force. Each setting comes from the first source that has it: flags, the
 * environment (`RUSHER_*`, and `.env` behind the real one), the file, `PORT` of the platform, the
 * defaults.
 * @throws {RusherError} CONFIG or CONFIG_FILE, with one line that names the source.
 */
export async function loadConfig(sources: ConfigSources): Promise<Config> {
  const environment = { ...readDotEnv(sources.directory), ...sources.environment }
  const file = fileOf(sources, environment['RUSHER_CONFIG'])
  const fromFile = file === undefined ? {} : await importConfig(file)
  const flags = parseConfig(sources.flags, 'the command line')
  const config = { ...fromFile, ...configFromEnvironment(environment), ...flags }
  const port = config.port ?? portFromPlatform(environment)
  return port === undefined ? config : { ...config, port }
}

/**
 * Adds what the directory's `.env` has to this process's environment, for the configuration file.
 * Variables that are set already stay.
 */
export function loadDotEnv(directory: string): void {
  const path = resolve(directory, '.env')
  if (isFile(path)) process.loadEnvFile(path)
}

function readDotEnv(directory: string): Readonly<Record<string, string | undefined>> {
  const path = resolve(directory, '.env')
  return isFile(path) ? parseEnv(readFileSync(path, 'utf8')) : {}
}

function fileOf(
  { directory, file }: ConfigSources,
  fromVariable: string | undefined,
): string | undefined {
  const named = file ?? fromVariable
  if (named === undefined) {
    return configFileNames.map((name) => resolve(directory, name)).find(isFile)
  }
  const path = resolve(directory, named)
  if (isFile(path)) return path
  throw new RusherError('CONFIG_FILE', `there is no configuration file ${path}`)
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

async function importConfig(path: string): Promise<Config> {
  return parseConfig(exportOf(await importModule(path), path), path)
}

async function importModule(path: string): Promise<unknown> {
  try {
    const { tsImport } = await import('tsx/esm/api')
    return await tsImport(pathToFileURL(path).href, import.meta.url)
  } catch (cause) {
    throw new RusherError('CONFIG_FILE', await describeLoadError(cause, path), { cause })
  }
}

/**
 * What a module exports as its configuration: the default export, or `module.exports`. In a
 * CommonJS package a default export arrives as a property of `module.exports`.
 */
function exportOf(module: unknown, path: string): unknown {
  const outer = propertyOf(module, 'default')
  const isCompiled = propertyOf(outer, '__esModule') === true
  const config = isCompiled ? propertyOf(outer, 'default') : outer
  if (config !== undefined) return config
  throw new RusherError(
    'CONFIG_FILE',
    `${path} must have a default export: export default defineConfig({ ... }), or module.exports`,
  )
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Record<string, unknown>)[name]
    : undefined
}
