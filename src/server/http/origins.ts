import { RusherError } from '../../protocol/index.ts'

/** The headers that identify the page behind a request, in lower case as Node reports them. */
export interface PageHeaders {
  readonly origin?: string | undefined
  readonly host?: string | undefined
  readonly 'sec-fetch-site'?: string | string[] | undefined
}

/** Decides which pages may send requests: those of the server's own host and listed origins. */
export interface OriginPolicy {
  /** Whether this page may connect. A request without `Origin` does not come from a page. */
  allows(headers: PageHeaders): boolean
  /**
   * Whether this page may send this HTTP request. For an unsafe method without `Origin`,
   * `Sec-Fetch-Site` decides (W3C Fetch Metadata).
   */
  allowsWrite(headers: PageHeaders, method: string): boolean
  /** Whether any origin is listed. */
  readonly listsAny: boolean
  /** Whether this origin is listed: its pages are on another host and may read answers. */
  lists(origin: string): boolean
}

type Matcher = (origin: string) => boolean

const readMethods = new Set(['GET', 'HEAD', 'OPTIONS'])
const webSchemes = new Set(['http', 'https'])

/**
 * Builds the policy from `origins` of the configuration. An entry may have capitals, a default
 * port, a trailing slash, and `*` in its first label: `https://*.example.com`.
 * @throws {RusherError} CONFIG for an entry that could never match, with a suggestion.
 */
export function createOriginPolicy(listed: readonly string[]): OriginPolicy {
  const matchers = listed.map(matcherOf)

  function allows({ origin, host }: PageHeaders): boolean {
    if (origin === undefined) return true
    return isOwnPage(origin, host) || lists(origin)
  }

  function lists(origin: string): boolean {
    const page = origin.toLowerCase()
    return matchers.some((matches) => matches(page))
  }

  return {
    allows,
    lists,
    listsAny: matchers.length > 0,
    allowsWrite(headers, method) {
      if (headers.origin !== undefined || readMethods.has(method)) return allows(headers)
      const site = headers['sec-fetch-site']
      return site === undefined || site === 'same-origin' || site === 'none'
    },
  }
}

/** Whether the origin is the requested host itself; the default port may be omitted. */
function isOwnPage(origin: string, host: string | undefined): boolean {
  if (host === undefined || !/^[^\s/?#@\\]+$/.test(host) || !URL.canParse(origin)) return false
  const page = new URL(origin)
  if (!webSchemes.has(page.protocol.slice(0, -1))) return false
  const own = `${page.protocol}//${host}`
  return URL.canParse(own) && new URL(own).host === page.host
}

function matcherOf(given: string): Matcher {
  const text = given.trim()
  if (text === '*') return () => true
  if (text === '') throw fault(given, 'is empty')
  if (text.includes(',')) throw fault(given, 'is a list; write one origin per entry')
  if (text.toLowerCase() === 'null') return (origin) => origin === 'null'
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined) throw fault(given, `has no scheme${suggestion(text)}`)
  if (scheme === 'ws' || scheme === 'wss') {
    const page = text.replace(/^ws/i, 'http')
    throw fault(given, `is not the origin of a page, which uses http or https; write ${page}`)
  }
  return webSchemes.has(scheme) ? webMatcher(given, text) : appMatcher(given, text)
}

function webMatcher(given: string, text: string): Matcher {
  if (!URL.canParse(text)) throw fault(given, 'is not an origin; write https://<host>')
  const url = new URL(text)
  const isBare = url.pathname === '/' && url.search === '' && url.hash === ''
  if (!isBare || url.username !== '' || url.password !== '') {
    throw fault(given, `may have only a scheme, host and port; write ${url.origin}`)
  }
  return url.hostname.includes('*') ? wildcard(given, url) : (origin) => origin === url.origin
}

/** `*` as the whole first label matches any number of labels; within a label, a part of it. */
function wildcard(given: string, url: URL): Matcher {
  const [first = '', ...rest] = url.hostname.split('.')
  const suffix = rest.join('.')
  if (suffix.includes('*')) throw fault(given, 'may have a wildcard only as the first label')
  if (rest.length < 2 && suffix !== 'localhost') {
    throw fault(given, 'would allow every site; write a wildcard as https://*.example.com')
  }
  const label = first.split('*').map(escaped).join('[a-z0-9-]*')
  const labels = first === '*' ? '[a-z0-9-]+(?:\\.[a-z0-9-]+)*' : label
  const port = url.port === '' ? '' : `:${url.port}`
  const pattern = new RegExp(`^${url.protocol}//${labels}\\.${escaped(suffix)}${port}$`)
  return (origin) => pattern.test(origin)
}

/**
 * Origins of apps and extensions, such as `capacitor://localhost`, which `URL` does not support.
 */
function appMatcher(given: string, text: string): Matcher {
  const origin = text.toLowerCase().replace(/\/$/, '')
  if (origin.includes('*')) throw fault(given, 'may have a wildcard only with http or https')
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s]*$/.test(origin)) {
    throw fault(given, 'is not an origin; write <scheme>://<host>')
  }
  return (page) => page === origin
}

function suggestion(text: string): string {
  const host = text.replace(/^\/+/, '')
  if (!URL.canParse(`https://${host}`)) return '; write https://<host>'
  const { hostname } = new URL(`https://${host}`)
  const isLocal = hostname === 'localhost' || /^[\d.]+$/.test(hostname)
  return `; write ${isLocal ? 'http' : 'https'}://${host}`
}

function escaped(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
}

function fault(given: string, what: string): RusherError {
  return new RusherError('CONFIG', `origins: ${JSON.stringify(given)} ${what}`)
}
