import * as v from 'valibot'
import { defaultLimits, RusherError } from '../protocol/index.ts'
import type { Config } from '../server/index.ts'

const wholeFrom0 = v.pipe(v.number(), v.integer(), v.minValue(0))
const positive = v.pipe(v.number(), v.gtValue(0))
// A function's own types were checked where it was written; here it only has to be one.
const callable = v.function()

const limitNames = Object.keys(defaultLimits)

const retention = v.strictObject({
  count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  ageMs: v.optional(positive),
})

const scalar = v.union([v.string(), v.number(), v.boolean()])
const attributeRule = v.union([
  v.picklist(['any', 'string', 'number', 'boolean', 'link', 'source', 'css', 'widths']),
  v.strictObject({ integer: v.tuple([v.number(), v.number()]), or: v.number() }),
  v.strictObject({ oneOf: v.array(scalar) }),
])
/** The rule of each attribute, by node or mark and attribute name. */
const schemaRules = v.record(v.string(), v.record(v.string(), attributeRule))

const schema = v.strictObject({
  port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535))),
  host: v.optional(v.pipe(v.string(), v.nonEmpty())),
  unixSocket: v.optional(v.pipe(v.string(), v.nonEmpty())),
  path: v.optional(v.pipe(v.string(), v.startsWith('/'))),
  storage: v.optional(v.union([v.string(), v.looseObject({ append: callable })])),
  acceptLoss: v.optional(v.boolean()),
  apps: v.optional(
    v.array(
      v.looseObject({
        name: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,31}$/)),
        parse: callable,
        decide: callable,
      }),
    ),
  ),
  chat: v.optional(
    v.strictObject({ retention: v.optional(retention), textCharsMax: v.optional(positive) }),
  ),
  plain: v.optional(v.union([v.boolean(), v.strictObject({ retention: v.optional(retention) })])),
  auth: v.optional(v.union([v.literal('open'), v.looseObject({})])),
  permit: v.optional(callable),
  origins: v.optional(v.array(v.string())),
  allowedHosts: v.optional(v.array(v.string())),
  static: v.optional(v.string()),
  contentSecurityPolicy: v.optional(
    // A line break would end the header field.
    v.union([v.literal(false), v.pipe(v.string(), v.regex(/^[\x20-\x7e]+$/))]),
  ),
  onRequest: v.optional(callable),
  limits: v.optional(v.strictObject(v.entriesFromList(limitNames, v.optional(positive)))),
  documents: v.optional(
    v.strictObject({
      path: v.optional(v.pipe(v.string(), v.regex(/^(\/[\w.-]+)+$/))),
      threads: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
      schema: v.optional(
        v.union([
          v.picklist(['known', 'off']),
          v.strictObject({ nodes: v.optional(schemaRules), marks: v.optional(schemaRules) }),
        ]),
      ),
      keepDeleted: v.optional(v.union([v.boolean(), callable])),
      onStateless: v.optional(callable),
    }),
  ),
  presence: v.optional(
    v.strictObject({ graceMs: v.optional(wholeFrom0), usersMax: v.optional(wholeFrom0) }),
  ),
  drainMs: v.optional(wholeFrom0),
  edges: v.optional(wholeFrom0),
  capacity: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  logLevel: v.optional(v.picklist(['debug', 'info', 'warn', 'error', 'silent'])),
})

/** Checks a configuration from any source; an unknown key is an error, since it is most often a misspelt one. */
export function parseConfig(value: unknown, source: string): Config {
  const result = v.safeParse(schema, value)
  // The schema has looked at all that a file can get wrong; functions and objects keep their own types.
  if (result.success) return value as Config
  const issue = result.issues[0]
  const path = issue.path?.map(({ key }) => String(key)).join('.') ?? ''
  const unknownKey = issue.type === 'strict_object' && issue.expected === 'never'
  throw new RusherError(
    'CONFIG',
    unknownKey
      ? `${source}: there is no setting '${path}'`
      : `${source}: ${path === '' ? '' : `${path}: `}${issue.message}`,
  )
}

interface Setting {
  readonly key: keyof Config
  readonly variable: string
  readonly kind: 'number' | 'port' | 'text' | 'list'
}

/** Settings that the environment can give. */
export const settings: readonly Setting[] = [
  { key: 'port', variable: 'RUSHER_PORT', kind: 'port' },
  { key: 'host', variable: 'RUSHER_HOST', kind: 'text' },
  { key: 'unixSocket', variable: 'RUSHER_UNIX_SOCKET', kind: 'text' },
  { key: 'path', variable: 'RUSHER_PATH', kind: 'text' },
  { key: 'storage', variable: 'RUSHER_STORAGE', kind: 'text' },
  { key: 'static', variable: 'RUSHER_STATIC', kind: 'text' },
  { key: 'origins', variable: 'RUSHER_ORIGINS', kind: 'list' },
  { key: 'allowedHosts', variable: 'RUSHER_ALLOWED_HOSTS', kind: 'list' },
  { key: 'edges', variable: 'RUSHER_EDGES', kind: 'number' },
  { key: 'capacity', variable: 'RUSHER_CAPACITY', kind: 'number' },
  { key: 'drainMs', variable: 'RUSHER_DRAIN_MS', kind: 'number' },
  { key: 'logLevel', variable: 'RUSHER_LOG_LEVEL', kind: 'text' },
]

/** Variables that are read, but are no single setting. */
const otherVariables = new Set(['RUSHER_TOKEN_SECRET', 'RUSHER_CONFIG'])

/** Reads `RUSHER_*`. `RUSHER_TOKEN_SECRET` switches from open to token auth. */
export function configFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Config {
  const known = new Set(settings.map(({ variable }) => variable))
  for (const name of Object.keys(environment)) {
    if (name.startsWith('RUSHER_') && !known.has(name) && !otherVariables.has(name)) {
      throw new RusherError(
        'CONFIG',
        `there is no setting ${name}; the known ones are ${[...known, ...otherVariables].join(', ')}`,
      )
    }
  }
  const config: Record<string, unknown> = {}
  for (const { key, variable, kind } of settings) {
    const text = environment[variable]
    if (text === undefined || text === '') continue
    config[key] = settingFrom(text, kind, variable)
  }
  const secret = environment['RUSHER_TOKEN_SECRET']
  if (secret !== undefined && secret !== '') config['auth'] = { secret }
  return parseConfig(config, 'the environment')
}

function settingFrom(text: string, kind: Setting['kind'], variable: string): unknown {
  switch (kind) {
    case 'number':
      return numberFrom(text, variable)
    case 'port':
      return portFrom(text, variable)
    case 'list':
      return listFrom(text)
    default:
      return text
  }
}

/**
 * The port that hosting platforms give in `PORT`. It ranks below the configuration file, because a
 * shell may have it set for another program.
 * @throws {RusherError} CONFIG when it is no port.
 */
export function portFromPlatform(
  environment: Readonly<Record<string, string | undefined>>,
): number | undefined {
  const text = environment['PORT']
  return text === undefined || text === '' ? undefined : portFrom(text, 'PORT')
}

function portFrom(text: string, source: string): number {
  const port = numberFrom(text, source)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new RusherError('CONFIG', `${source} must be from 0 to 65535, and is '${text}'`)
}

/** Splits a comma-separated list and drops empty entries. */
function listFrom(text: string): readonly string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

/** A number written in a flag or a variable. */
export function numberFrom(text: string, source: string): number {
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number)) {
    throw new RusherError('CONFIG', `${source} must be a number, and is '${text}'`)
  }
  return number
}
