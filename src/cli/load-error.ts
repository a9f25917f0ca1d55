import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Place {
  readonly file: string
  readonly line: number
  readonly column?: number
}

/**
 * One line that says why a configuration file could not be loaded, and where: the line that threw,
 * or that is no valid syntax, in this file or in one that it imports.
 */
export async function describeLoadError(error: unknown, path: string): Promise<string> {
  const syntax = syntaxErrorIn(error) ?? (await syntaxErrorOf(error, path))
  if (syntax !== undefined) return sentence(path, syntax.place, syntax.text)
  return sentence(path, placeIn(error), textOf(error))
}

function sentence(path: string, place: Place | undefined, text: string): string {
  if (place === undefined) return `${path} could not be loaded: ${text}`
  const { file, line, column } = place
  const where = `${file}:${line}${column === undefined ? '' : `:${column}`}`
  return file === path
    ? `${where} could not be loaded: ${text}`
    : `${path} could not be loaded: ${where}: ${text}`
}

function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.trim().split('\n', 1)[0] || 'it threw an error without a message'
}

/** The place in an error of esbuild: `<file>:<line>:<column>: ERROR: <text>`. */
function syntaxErrorIn(error: unknown): { place: Place; text: string } | undefined {
  const message = error instanceof Error ? error.message : ''
  const [, file, line, column, text] = /^(.+):(\d+):(\d+): ERROR: (.+)$/m.exec(message) ?? []
  if (file === undefined || text === undefined) return undefined
  return { place: { file: pathOf(file), line: Number(line), column: Number(column) + 1 }, text }
}

/**
 * The place of a syntax error of Node, which does not always say where it is: compiling the file
 * again finds it.
 */
async function syntaxErrorOf(
  error: unknown,
  path: string,
): Promise<{ place: Place; text: string } | undefined> {
  if (!(error instanceof SyntaxError)) return undefined
  const { transform } = await import('esbuild')
  const loader = /^\.[mc]?ts$/.test(extname(path)) ? 'ts' : 'js'
  try {
    await transform(await readFile(path, 'utf8'), { loader, sourcefile: path, logLevel: 'silent' })
    return undefined
  } catch (again) {
    return syntaxErrorIn(again)
  }
}

/** The first line of a stack that is in the user's own code. */
function placeIn(error: unknown): Place | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  for (const frame of stack.split('\n')) {
    const match = /(?:^|\(|\s)((?:file:\/\/|\/|[a-z]:\\).+?):(\d+)(?::(\d+))?\)?$/i.exec(frame)
    const [, file, line, column] = match ?? []
    if (file === undefined || /[/\\]node_modules[/\\]/.test(file)) continue
    const place = { file: pathOf(file), line: Number(line) }
    return column === undefined ? place : { ...place, column: Number(column) }
  }
  return undefined
}

/** A path without the query that the loader adds. */
function pathOf(file: string): string {
  const [plain = file] = file.split('?', 1)
  return plain.startsWith('file://') ? fileURLToPath(plain) : plain
}
