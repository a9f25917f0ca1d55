import { basename, extname } from 'node:path'

/** Media types of files that get smaller when compressed, by extension. */
const compressible: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.htm': 'text/html; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.otf': 'font/otf',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.xml': 'text/xml; charset=utf-8',
}

/** The media type of a file that is worth compressing; undefined for others, such as images. */
export function compressibleType(path: string): string | undefined {
  const extension = extname(path).toLowerCase()
  return Object.hasOwn(compressible, extension) ? compressible[extension] : undefined
}

const immutable = 'public, max-age=31536000, immutable'

/**
 * `Cache-Control` of a served file. A file whose name contains a hash of its content never changes
 * under that name, so browsers may keep it for a year; any other file is revalidated on each use.
 */
export function cacheControlOf(path: string): string {
  return isHashedName(path) ? immutable : 'no-cache'
}

/**
 * Whether a file name contains a hash of the content, as bundlers write it: `name-HASH.ext` with
 * eight base64url characters in an `assets` folder (Vite, Rollup), or `name.HASH.ext` and
 * `name-HASH.ext` with at least eight hexadecimal digits (webpack, Parcel, esbuild). A hash must
 * mix letters and digits or cases, because `user-settings.js` and `photo-20240101.png` have none.
 */
export function isHashedName(path: string): boolean {
  const name = basename(path)
  if (/\.html?$/i.test(name)) return false
  const hex = /[.-]([\da-f]{8,64})(?:\.chunk|\.module|\.min)?(?:\.\w+){1,2}$/.exec(name)?.[1]
  if (hex !== undefined && /\d/.test(hex) && /[a-f]/.test(hex)) return true
  if (!/(?:^|[/\\])assets[/\\](?:[^/\\]+[/\\])*[^/\\]+$/.test(path)) return false
  const hash = /-([\w-]{8})(?:\.\w+){1,2}$/.exec(name)?.[1]
  return hash !== undefined && isMixed(hash)
}

/** Whether a text looks random: letters with digits, or capitals after the first letter. */
function isMixed(text: string): boolean {
  if (!/[a-z]/i.test(text) || text.includes('--')) return false
  return /\d/.test(text) || /^.+[A-Z]/.test(text)
}
