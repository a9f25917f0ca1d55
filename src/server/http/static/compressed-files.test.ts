import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { CompressedFiles, type CompressionLimits, compressionLimits } from './compressed-files.ts'

const text = 'const answer = 42\n'.repeat(500)

function folderWith(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'rusher-compressed-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, content)
  }
  return folder
}

function limited(limits: Partial<CompressionLimits>): CompressedFiles {
  return new CompressedFiles({ ...compressionLimits, ...limits })
}

test('a file is compressed with either coding, each with an entity tag of its own', async () => {
  const path = join(folderWith({ 'app.js': text }), 'app.js')
  const files = new CompressedFiles()
  const br = await files.find(path, 'br')
  const gzip = await files.find(path, 'gzip')
  expect(brotliDecompressSync(br?.bytes ?? '').toString()).toBe(text)
  expect(gunzipSync(gzip?.bytes ?? '').toString()).toBe(text)
  expect(br?.etag).toMatch(/^W\/"[\da-f]+-[\da-f]+-br"$/)
  expect(gzip?.etag).not.toBe(br?.etag)
  expect(files.bytes).toBe((br?.bytes.length ?? 0) + (gzip?.bytes.length ?? 0))
})

test('a file is compressed once, however many ask for it at the same time', async () => {
  const path = join(folderWith({ 'app.js': text }), 'app.js')
  const files = new CompressedFiles()
  const found = await Promise.all(Array.from({ length: 20 }, () => files.find(path, 'br')))
  expect(new Set(found.map((one) => one?.bytes)).size).toBe(1)
})

test('a changed file is compressed again, and the earlier form is no longer held', async () => {
  const path = join(folderWith({ 'app.js': text }), 'app.js')
  const files = new CompressedFiles()
  const before = await files.find(path, 'br')
  writeFileSync(path, text.toUpperCase())
  utimesSync(path, new Date(0), new Date(0))
  const after = await files.find(path, 'br')
  expect(brotliDecompressSync(after?.bytes ?? '').toString()).toBe(text.toUpperCase())
  expect(after?.etag).not.toBe(before?.etag)
  expect(files.bytes).toBe(after?.bytes.length)
})

test('what a build compressed ahead is used, unless it is older than its source', async () => {
  const ahead = brotliCompressSync(Buffer.from(text))
  const folder = folderWith({ 'app.js': text, 'app.js.br': ahead })
  const path = join(folder, 'app.js')
  const later = new Date(Date.now() + 60_000)
  utimesSync(`${path}.br`, later, later)
  expect((await new CompressedFiles().find(path, 'br'))?.bytes).toEqual(ahead)
  const evenLater = new Date(Date.now() + 120_000)
  utimesSync(path, evenLater, evenLater)
  writeFileSync(`${path}.br`, 'stale')
  utimesSync(`${path}.br`, later, later)
  const found = await new CompressedFiles().find(path, 'br')
  expect(brotliDecompressSync(found?.bytes ?? '').toString()).toBe(text)
})

test('a file that is small, large, no smaller compressed, a folder or absent is sent as it is', async () => {
  const noise = Buffer.from(Array.from({ length: 4_096 }, (_, i) => (i * i * 7919 + i) % 251))
  const folder = folderWith({
    'small.js': 'x',
    'large.js': 'x'.repeat(9_000),
    'noise.txt': brotliCompressSync(noise),
    'folder.js/file': '',
  })
  const files = limited({ fileBytesMax: 8_000 })
  for (const name of ['small.js', 'large.js', 'noise.txt', 'folder.js', 'absent.js']) {
    expect(await files.find(join(folder, name), 'br')).toBeUndefined()
  }
  expect(files.bytes).toBe(0)
})

test('what does not fit in memory is sent as it is, until files of an earlier build are gone', async () => {
  const folder = folderWith({ 'old.js': text, 'new.js': text })
  const files = limited({ bytesMax: text.length })
  expect(await files.find(join(folder, 'old.js'), 'br')).toBeDefined()
  expect(await files.find(join(folder, 'new.js'), 'br')).toBeUndefined()
  rmSync(join(folder, 'old.js'))
  let found: unknown
  for (let asked = 0; asked < 200 && found === undefined; asked += 1) {
    found = await files.find(join(folder, 'new.js'), 'br')
  }
  expect(found).toBeDefined()
})

test('a folder is compressed ahead, without hidden files and symbolic links', async () => {
  const outside = join(folderWith({ 'secret.js': text }), 'secret.js')
  const folder = folderWith({
    'app.js': text,
    'deep/a.css': text,
    '.git/b.js': text,
    'c.png': text,
  })
  symlinkSync(outside, join(folder, 'link.js'))
  const files = new CompressedFiles()
  await files.warm(folder)
  const one = brotliBytes(await files.find(join(folder, 'app.js'), 'br'))
  expect(files.bytes).toBe(2 * one)
  const bounded = limited({ warmEntriesMax: 0 })
  await bounded.warm(folder)
  expect(bounded.bytes).toBe(0)
  const stopped = new CompressedFiles()
  stopped.stop()
  await stopped.warm(folder)
  expect(stopped.bytes).toBe(0)
  await expect(stopped.warm(join(folder, 'absent'))).resolves.toBeUndefined()
})

function brotliBytes(file: { readonly bytes: Buffer } | undefined): number {
  return file?.bytes.length ?? 0
}
