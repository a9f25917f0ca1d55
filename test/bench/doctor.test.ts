import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { applyFixes, undoFixes } from '../../bench-harness/doctor/fixes.ts'
import type { Settings } from '../../bench-harness/doctor/settings.ts'
import { createShellSettings, runInside } from '../../bench-harness/doctor/shell-settings.ts'
import { createUndoFile, type UndoFile } from '../../bench-harness/doctor/undo-file.ts'

/*
 * Settings are changed in a network namespace of the test's own, which is gone with its only process: net.ipv4.* are each namespace's own.
 */
const asRoot = process.getuid?.() === 0
let holder: ChildProcess
let folder = ''
let settings: Settings
let undo: UndoFile

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rusher-doctor-'))
  undo = createUndoFile(join(folder, 'doctor-undo.json'))
  const words = [...(asRoot ? [] : ['-r']), '-n', 'sh', '-c', 'echo up; exec cat']
  holder = spawn('unshare', words, { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(holder.stdout ?? holder, 'data')
  const user = asRoot ? [] : ['-U', '--preserve-credentials']
  settings = createShellSettings(runInside('nsenter', ['-t', String(holder.pid), '-n', ...user]))
})

afterEach(async () => {
  const ended = once(holder, 'exit')
  holder.stdin?.end()
  await ended
  await rm(folder, { recursive: true })
})

const range = 'net.ipv4.ip_local_port_range'
const reserved = 'net.ipv4.ip_local_reserved_ports'

test('settings are changed in the kernel and given back exactly, an empty one too', async () => {
  const before = [await settings.read(reserved), await settings.read(range)]
  expect(before).toEqual(['', '32768\t60999'])
  const wanted = { [reserved]: '25000,30000-30010', [range]: '20000 65535' }
  const done = await applyFixes('here', settings, wanted, undo)
  expect(done.map(({ state }) => state)).toEqual(['changed', 'changed'])
  expect(await settings.read(range)).toBe('20000\t65535')
  expect(await settings.read(reserved)).toBe('25000,30000-30010')

  const undone = await undoFixes('here', settings, undo)
  expect(undone.map(({ state }) => state)).toEqual(['restored', 'restored'])
  expect([await settings.read(reserved), await settings.read(range)]).toEqual(before)
})

test('a value that the kernel does not take is refused, and nothing is remembered', async () => {
  const [outcome] = await applyFixes('here', settings, { [range]: '65535 20000' }, undo)
  expect(outcome?.state).toBe('refused')
  expect(outcome?.text).toContain(range)
  expect(await undo.hosts()).toEqual([])
})

test('a setting that is not there is refused', async () => {
  const [outcome] = await applyFixes('here', settings, { 'net.ipv4.no_such_thing': '1' }, undo)
  expect(outcome).toMatchObject({ state: 'refused', text: 'there is no such setting' })
})

test('a name or value that is none never comes to a shell', async () => {
  await expect(settings.read('net.ipv4.x; rm -rf /tmp/x')).rejects.toThrow('is no name')
  await expect(settings.write(range, "1' ; true '")).rejects.toThrow('is no value')
})

test('what listens in a machine is seen', async () => {
  expect(await settings.listening()).toEqual([])
})
