import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type InitFlags,
  type InitIo,
  type Questions,
  runInit,
} from '../../src/cli/init/run-init.ts'

const templateFolder = fileURLToPath(new URL('../../templates/chat/', import.meta.url))

let directory: string
let said: string[]
let complaints: string[]
let ran: string[]

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rusher-init-'))
  said = []
  complaints = []
  ran = []
})
afterEach(() => rmSync(directory, { recursive: true }))

const answersNothing: Questions = {
  folder: async () => undefined,
  template: async () => undefined,
  install: async () => undefined,
}

function init(
  folder: string | undefined,
  flags: Partial<InitFlags> = {},
  io: Partial<InitIo> = {},
): Promise<number> {
  return runInit(
    folder,
    { install: true, git: true, template: 'chat', ...flags },
    {
      directory,
      environment: {},
      version: '1.2.3',
      questions: undefined,
      say: (text) => said.push(text),
      complain: (text) => complaints.push(text),
      // As where git is not inside a repository, and everything else ends well.
      run: (command, args) => {
        ran.push([command, ...args].join(' '))
        return args[0] !== 'rev-parse'
      },
      ...io,
    },
  )
}

describe('rusher init', () => {
  it('writes the files of the template folder, and no others', async () => {
    expect(await init('app')).toBe(0)
    const expected = filesBelow(templateFolder)
      .filter((path) => !/^(node_modules|dist|data)\/|^package-lock\.json$/.test(path))
      .map((path) => (path === '_gitignore' ? '.gitignore' : path))
    expect(filesBelow(join(directory, 'app')).sort()).toEqual(expected.sort())
    for (const path of expected.filter((one) => !['package.json', '.gitignore'].includes(one))) {
      expect(readFileSync(join(directory, 'app', path))).toEqual(
        readFileSync(join(templateFolder, path)),
      )
    }
  })

  it('names the project after its folder and pins rusher to this version', async () => {
    await init('My App')
    expect(manifestOf('My App')).toMatchObject({
      name: 'my-app',
      dependencies: { rusher: '1.2.3' },
    })
  })

  it('writes into the folder it is called in, when that is what was named', async () => {
    expect(await init('.')).toBe(0)
    expect(readdirSync(directory)).toContain('package.json')
    expect(said.join()).not.toContain('cd ')
  })

  it('says only the steps that are left, for the package manager in use', async () => {
    await init('app', {}, { environment: { npm_config_user_agent: 'pnpm/10.0.0 node/v24' } })
    expect(said).toEqual(['\nReady. Next:\n\n  cd app\n  pnpm install\n  pnpm dev\n'])
  })

  it('makes a git repository with a first commit, unless inside one or with --no-git', async () => {
    await init('one')
    expect(ran.filter((command) => command.startsWith('git'))).toEqual([
      'git rev-parse --is-inside-work-tree',
      'git init --quiet',
      'git add --all',
      'git commit --quiet --message Initial commit',
    ])
    ran = []
    await init('two', {}, { run: () => true })
    await init('three', { git: false })
    expect(ran).toEqual([])
  })

  it('lists the templates, the usual one first', async () => {
    expect(await init(undefined, { list: true })).toBe(0)
    expect(said).toEqual([
      expect.stringMatching(/^workspace {2,}\w/),
      expect.stringMatching(/^chat {2,}\w/),
      expect.stringMatching(/^editor {2,}\w/),
    ])
    expect(readdirSync(directory)).toEqual([])
  })
})

describe('rusher init refuses', () => {
  it('to guess a template when nobody can be asked, and says which there are', async () => {
    expect(await init('app', { template: undefined })).toBe(2)
    expect(complaints.join()).toContain('--template workspace|chat|editor')
    expect(readdirSync(directory)).toEqual([])
  })

  it('a folder that is not empty, says what is in it, and leaves it as it was', async () => {
    mkdirSync(join(directory, 'app'))
    writeFileSync(join(directory, 'app', 'notes.txt'), 'mine')
    expect(await init('app')).toBe(1)
    expect(complaints.join()).toContain('notes.txt')
    expect(readdirSync(join(directory, 'app'))).toEqual(['notes.txt'])
  })

  it('a file where the folder should be', async () => {
    writeFileSync(join(directory, 'app'), '')
    expect(await init('app')).toBe(1)
  })

  it('an unknown template, and says which one is like it', async () => {
    expect(await init('app', { template: 'chatt' })).toBe(2)
    expect(complaints.join()).toContain('did you mean chat?')
    expect(readdirSync(directory)).toEqual([])
  })

  it('to guess a folder when nobody can be asked, and says what to give', async () => {
    expect(await init(undefined)).toBe(2)
    expect(complaints.join()).toContain('rusher init my-app')
  })
})

describe('rusher init with --force', () => {
  it('writes into a folder that is not empty, and keeps what is not the template’s', async () => {
    writeFileSync(join(directory, 'notes.txt'), 'mine')
    writeFileSync(join(directory, 'index.html'), 'old')
    expect(await init('.', { force: true })).toBe(0)
    expect(readFileSync(join(directory, 'notes.txt'), 'utf8')).toBe('mine')
    expect(readFileSync(join(directory, 'index.html'), 'utf8')).not.toBe('old')
  })
})

describe('rusher init at a terminal', () => {
  it('asks for the folder, and installs when asked to', async () => {
    const questions = { ...answersNothing, folder: async () => 'app', install: async () => true }
    expect(await init(undefined, { pm: 'npm' }, { questions })).toBe(0)
    expect(ran).toContain('npm install')
    expect(said.join()).not.toContain('npm install')
  })

  it('asks nothing with --yes', async () => {
    const flags = { yes: true, template: undefined } as const
    expect(await init(undefined, flags, { questions: answersNothing })).toBe(0)
    expect(readdirSync(directory)).toEqual(['my-app'])
    expect(readdirSync(join(directory, 'my-app', 'src'))).toContain('Layout.tsx')
    expect(ran).not.toContain('npm install')
  })

  it('writes nothing when the question is turned down', async () => {
    const flags = { template: undefined }
    expect(await init(undefined, flags, { questions: answersNothing })).toBe(1)
    expect(readdirSync(directory)).toEqual([])
  })
})

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, '/').length))
}

function manifestOf(folder: string): unknown {
  return JSON.parse(readFileSync(join(directory, folder, 'package.json'), 'utf8'))
}
