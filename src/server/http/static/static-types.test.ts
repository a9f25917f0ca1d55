import { describe, expect, test } from 'vitest'
import { cacheControlOf, compressibleType, isHashedName } from './static-types.ts'

describe('a name with a hash of the content', () => {
  test.each([
    'assets/index-DiwrgTda.js',
    '/assets/index-B1c7OH6V.css',
    'assets/deep/logo-Cq0_x9-2.svg',
    'assets/index-DiwrgTda.js.map',
    'static/js/main.8f3b2c1a.js',
    'static/js/787.1c2d3e4f.chunk.js',
    'index.1a2b3c4d.css',
    'app-5d41402abc4b2a76b9719d911017c592.js',
    'C:\\site\\assets\\index-DiwrgTda.js',
  ])('%s is immutable for a year', (path) => {
    expect(cacheControlOf(path)).toBe('public, max-age=31536000, immutable')
  })
})

describe('a name without one', () => {
  test.each([
    'index.html',
    'assets/index-DiwrgTda.html',
    'app.js',
    'assets/user-settings.js',
    'assets/my-document.js',
    'assets/photo-20240101.png',
    'assets/jquery-3.7.1.min.js',
    'assets/read-me--first.txt',
    'photos/IMG-DiwrgTda.jpg',
    'sw.js',
    'facade-deadbeef.js',
    'backup-20240101.json',
    'favicon.svg',
    'assets/',
  ])('%s is revalidated on each use', (path) => {
    expect(isHashedName(path)).toBe(false)
    expect(cacheControlOf(path)).toBe('no-cache')
  })
})

test('text is worth compressing, and what is compressed already is not', () => {
  expect(compressibleType('assets/index-DiwrgTda.js')).toBe('text/javascript; charset=utf-8')
  expect(compressibleType('/a/INDEX.HTML')).toBe('text/html; charset=utf-8')
  for (const path of ['a.png', 'a.woff2', 'a.js.gz', 'a.br', 'a.mp4', 'a', 'a.constructor']) {
    expect(compressibleType(path)).toBeUndefined()
  }
})
