import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RusherError } from '../../src/protocol/index.ts'
import { applyFixes, undoFixes } from './fixes.ts'
import type { Settings } from './settings.ts'
import { createUndoFile, undoPath } from './undo-file.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rusher-undo-'))
})
afterEach(() => rm(folder, { recursive: true }))

const undoFile = () => createUndoFile(join(folder, 'state', 'doctor-undo.json'))

function machine(values: Record<string, string>, locked: readonly string[] = []): Settings {
  return {
    read: (name) => Promise.resolve(values[name]),
    write(name, value) {
      if (locked.includes(name))
        return Promise.reject(new RusherError('SETTING_REFUSED', `${name}: permission denied`))
      values[name] = value.replaceAll(' ', '\t')
      return Promise.resolve()
    },
    listening: () => Promise.resolve([]),
  }
}

const range = 'net.ipv4.ip_local_port_range'
const reuse = 'net.ipv4.tcp_tw_reuse'

describe('fixes', () => {
  it('are taken back exactly, and then forgotten', async () => {
    const values = { [range]: '32768\t60999', [reuse]: '2' }
    const wanted = { [range]: '20000 65535', [reuse]: '1' }
    const done = await applyFixes('box1', machine(values), wanted, undoFile())
    expect(done.map(({ state }) => state)).toEqual(['changed', 'changed'])
    expect(values[range]).toBe('20000\t65535')
    const undone = await undoFixes('box1', machine(values), undoFile())
    expect(undone.map(({ name, state }) => [name, state])).toEqual([
      [reuse, 'restored'],
      [range, 'restored'],
    ])
    expect(values).toEqual({ [range]: '32768\t60999', [reuse]: '2' })
    expect(await undoFile().hosts()).toEqual([])
  })

  it('that are made twice keep what was there before the first', async () => {
    const values = { [reuse]: '2' }
    await applyFixes('box1', machine(values), { [reuse]: '1' }, undoFile())
    await applyFixes('box1', machine(values), { [reuse]: '0' }, undoFile())
    await undoFixes('box1', machine(values), undoFile())
    expect(values[reuse]).toBe('2')
  })

  it('change nothing that is as wanted already', async () => {
    const outcomes = await applyFixes(
      'box1',
      machine({ [range]: '20000\t65535' }),
      { [range]: '20000 65535' },
      undoFile(),
    )
    expect(outcomes[0]?.state).toBe('as wanted')
    expect(await undoFile().hosts()).toEqual([])
  })

  it('stop at the first that is refused, and remember only what was changed', async () => {
    const values = { [range]: '1 2', [reuse]: '2', 'fs.nr_open': '5' }
    const wanted = { [range]: '20000 65535', [reuse]: '1', 'fs.nr_open': '7' }
    const outcomes = await applyFixes('box1', machine(values, [reuse]), wanted, undoFile())
    expect(outcomes.map(({ state }) => state)).toEqual(['changed', 'refused'])
    expect(values['fs.nr_open']).toBe('5')
    expect(Object.keys(await undoFile().read('box1'))).toEqual([range])
  })

  it('leave alone what somebody else has set since', async () => {
    const values = { [reuse]: '2' }
    await applyFixes('box1', machine(values), { [reuse]: '1' }, undoFile())
    values[reuse] = '0'
    expect((await undoFixes('box1', machine(values), undoFile()))[0]?.state).toBe('left')
    expect(values[reuse]).toBe('0')
    expect(await undoFile().hosts()).toEqual([])
  })

  it('that cannot be taken back stay remembered', async () => {
    const values = { [reuse]: '2' }
    await applyFixes('box1', machine(values), { [reuse]: '1' }, undoFile())
    expect((await undoFixes('box1', machine(values, [reuse]), undoFile()))[0]?.state).toBe(
      'refused',
    )
    expect(await undoFile().hosts()).toEqual(['box1'])
  })

  it('of one host do not touch those of another', async () => {
    await applyFixes('box1', machine({ [reuse]: '2' }), { [reuse]: '1' }, undoFile())
    await applyFixes('box2', machine({ [reuse]: '0' }), { [reuse]: '1' }, undoFile())
    await undoFixes('box1', machine({ [reuse]: '1' }), undoFile())
    expect(await undoFile().read('box2')).toEqual({ [reuse]: { old: '0', new: '1' } })
  })
})

describe('the undo file', () => {
  it('is never written over when it cannot be read', async () => {
    const path = join(folder, 'doctor-undo.json')
    await writeFile(path, '{"v":1,"hosts":{"box1":')
    const change = applyFixes(
      'box1',
      machine({ [reuse]: '2' }),
      { [reuse]: '1' },
      createUndoFile(path),
    )
    await expect(change).rejects.toThrow('is not what rusher bench doctor wrote')
    expect(await readFile(path, 'utf8')).toContain('box1')
  })

  it('is in the folder for state', () => {
    expect(undoPath({ XDG_STATE_HOME: '/s' })).toBe('/s/rusher/doctor-undo.json')
    expect(undoPath({})).toMatch(/\/\.local\/state\/rusher\/doctor-undo\.json$/)
  })
})
