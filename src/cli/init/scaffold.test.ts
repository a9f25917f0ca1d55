import { describe, expect, it } from 'vitest'
import { packageManagerOf, runScript } from './package-manager.ts'
import { belongsToTemplate, nearestName, planScaffold, toPackageName } from './scaffold.ts'

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content)
}

const manifest = {
  name: 'rusher-chat',
  private: true,
  scripts: { dev: 'vite' },
  dependencies: { react: '^19.3.1', rusher: '^0.1.0' },
}
const files = [
  { path: 'package.json', content: text(JSON.stringify(manifest)) },
  { path: '_gitignore', content: text('node_modules/\n') },
  { path: 'src/main.tsx', content: text('// rusher-chat\n') },
  { path: 'public/logo.png', content: new Uint8Array([0x89, 0x50, 0x00, 0xff]) },
]

function plan(name = 'my-app', rusher = '0.1.0') {
  const planned = planScaffold({ files, name, rusher })
  return new Map(planned.map(({ path, content }) => [path, content]))
}

describe('planScaffold', () => {
  it('copies files byte for byte', () => {
    expect(plan().get('public/logo.png')).toEqual(new Uint8Array([0x89, 0x50, 0x00, 0xff]))
    expect(plan().get('src/main.tsx')).toEqual(text('// rusher-chat\n'))
  })

  it('gives _gitignore its name back', () => {
    expect(plan().get('.gitignore')).toEqual(text('node_modules/\n'))
    expect(plan().has('_gitignore')).toBe(false)
  })

  it('sets the name and pins rusher, and leaves the rest of package.json in its order', () => {
    const written = new TextDecoder().decode(plan('my-app', '0.1.0').get('package.json'))
    const expected = {
      ...manifest,
      name: 'my-app',
      dependencies: { react: '^19.3.1', rusher: '0.1.0' },
    }
    expect(written).toBe(`${JSON.stringify(expected, undefined, 2)}\n`)
  })

  it('leaves out what working in the template left there', () => {
    const litter = ['node_modules/react/index.js', 'dist/index.html', 'data/rusher.db', '.env']
    const planned = planScaffold({
      files: [...files, ...litter.map((path) => ({ path, content: text('') }))],
      name: 'my-app',
      rusher: '0.1.0',
    })
    expect(planned).toHaveLength(files.length)
  })
})

describe('belongsToTemplate', () => {
  it.each(['src/App.tsx', 'index.html', '_gitignore', 'src/database.ts'])('takes %s', (path) => {
    expect(belongsToTemplate(path)).toBe(true)
  })

  it.each(['.DS_Store', 'src/.cache/a', 'src/node_modules/a', 'package-lock.json'])(
    'leaves out %s',
    (path) => {
      expect(belongsToTemplate(path)).toBe(false)
    },
  )
})

describe('toPackageName', () => {
  it.each([
    ['my-app', 'my-app'],
    ['My App', 'my-app'],
    ['Café_2', 'cafe_2'],
    ['.hidden', 'hidden'],
    ['a/b\\c', 'a-b-c'],
    ['チャット', 'rusher-app'],
    ['node_modules', 'rusher-app'],
    ['', 'rusher-app'],
    ['x'.repeat(300), 'x'.repeat(100)],
  ])('makes of %j the name %j', (folder, name) => {
    expect(toPackageName(folder)).toBe(name)
  })
})

describe('nearestName', () => {
  it('finds what was meant', () => {
    expect(nearestName('caht', ['chat', 'editor'])).toBe('chat')
    expect(nearestName('Editr', ['chat', 'editor'])).toBe('editor')
  })

  it('suggests nothing for what is like no name', () => {
    expect(nearestName('spreadsheet', ['chat', 'editor'])).toBeUndefined()
    expect(nearestName('chat', [])).toBeUndefined()
  })
})

describe('the package manager', () => {
  it('is the one that started this process', () => {
    expect(packageManagerOf('pnpm/10.2.0 npm/? node/v24.21.0 linux x64')).toBe('pnpm')
    expect(packageManagerOf('bun/1.2.0 npm/? node/v24.3.0 linux x64')).toBe('bun')
  })

  it('is npm when it does not say, or is another', () => {
    expect(packageManagerOf(undefined)).toBe('npm')
    expect(packageManagerOf('cnpm/9 node/v24')).toBe('npm')
  })

  it('runs scripts in its own way', () => {
    expect(runScript('npm', 'dev')).toBe('npm run dev')
    expect(runScript('yarn', 'dev')).toBe('yarn dev')
  })
})
