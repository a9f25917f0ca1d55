import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { Settings } from '../../../bench-harness/doctor/settings.ts'
import type { ChangedSettings, UndoFile } from '../../../bench-harness/doctor/undo-file.ts'
import { madeFacts } from '../../../test/parts/made-facts.ts'
import { RusherError } from '../../protocol/index.ts'
import { type DoctorOptions, type DoctorParts, runDoctor } from './run-doctor.ts'

const usual: DoctorOptions = {
  urls: ['ws://10.0.0.9:8080/connect'],
  json: false,
  fix: false,
  undo: false,
  yes: false,
}
const range = 'net.ipv4.ip_local_port_range'

/** One host whose settings are an object. */
function made(more: Partial<DoctorParts> = {}, isLocked = false) {
  const out = new PassThrough()
  const err = new PassThrough()
  const values: Record<string, string> = { [range]: '32768\t60999' }
  const kept: Record<string, ChangedSettings> = {}
  const settings: Settings = {
    read: (name) => Promise.resolve(values[name] ?? ''),
    write(name, value) {
      if (isLocked)
        return Promise.reject(new RusherError('SETTING_REFUSED', `${name}: permission denied`))
      values[name] = value
      return Promise.resolve()
    },
    listening: () => Promise.resolve([22, 25_000]),
  }
  const undo: UndoFile = {
    hosts: () => Promise.resolve(Object.keys(kept)),
    read: (host) => Promise.resolve(kept[host] ?? {}),
    write(host, changed) {
      if (Object.keys(changed).length === 0) delete kept[host]
      else kept[host] = changed
      return Promise.resolve()
    },
  }
  const parts: DoctorParts = {
    gatherHosts: () =>
      Promise.resolve([
        { name: 'box1', facts: madeFacts({}, { ...values }), workers: 3, sources: [] },
      ]),
    gatherServer: () => Promise.resolve(undefined),
    settingsOf: () => settings,
    undo,
    ask: () => Promise.resolve(false),
    out,
    err,
    ...more,
  }
  const read = (stream: PassThrough) => String(stream.read() ?? '')
  return { parts, values, out: () => read(out), err: () => read(err) }
}

describe('rusher bench doctor', () => {
  it('says the sentence first, and fits into 80 columns', async () => {
    const { parts, out } = made()
    expect(await runDoctor(usual, parts)).toBe(0)
    const lines = out().split('\n')
    expect(lines[0]).toMatch(/^This fleet can hold 28,232 connections; limited by source ports/)
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    expect(lines).toContain('✓ ok    source ports                    32768-60999: 28,232 usable')
  })

  it('ends with 10 when it is not enough, and prints what to type', async () => {
    const { parts, out } = made()
    expect(await runDoctor({ ...usual, connections: 30_000 }, parts)).toBe(10)
    expect(out()).toContain(`sysctl -w ${range}='20000 65535'`)
  })

  it('has problems first, then warnings, then what is well', async () => {
    const { parts, out } = made()
    await runDoctor({ ...usual, connections: 2_000_000 }, parts)
    const marks = out().match(/^[✗▲✓]/gm) ?? []
    expect(new Set(marks)).toContain('✗')
    expect(marks).toEqual(marks.toSorted((a, b) => '✗▲✓'.indexOf(a) - '✗▲✓'.indexOf(b)))
  })

  it('ends with 12 when a host cannot be reached, and says which', async () => {
    const { parts, err } = made({
      gatherHosts: () => Promise.reject(new RusherError('HOST_BOOTSTRAP', 'box1: refused')),
    })
    expect(await runDoctor(usual, parts)).toBe(12)
    expect(err()).toBe('rusher: box1: refused\n')
  })

  it('prints one line of JSON', async () => {
    const { parts, out } = made()
    await runDoctor({ ...usual, json: true, connections: 10 }, parts)
    const [line = '', rest] = out().split('\n')
    expect(rest).toBe('')
    expect(JSON.parse(line)).toMatchObject({ v: 1, event: 'doctor', enough: true })
  })

  it('changes nothing without consent', async () => {
    const { parts, values, err } = made()
    expect(await runDoctor({ ...usual, connections: 30_000, fix: true }, parts)).toBe(10)
    expect(values).toEqual({ [range]: '32768\t60999' })
    expect(err()).toContain('Nothing was changed.')
  })

  it('changes settings with consent, reserves what listens, looks again, and gives all back', async () => {
    const { parts, values } = made({ ask: () => Promise.resolve(true) })
    expect(await runDoctor({ ...usual, connections: 30_000, fix: true }, parts)).toBe(0)
    expect(values).toEqual({
      [range]: '20000 65535',
      'net.ipv4.ip_local_reserved_ports': '25000',
    })
    expect(await runDoctor({ ...usual, undo: true }, parts)).toBe(0)
    expect(values).toEqual({
      [range]: '32768\t60999',
      'net.ipv4.ip_local_reserved_ports': '',
    })
  })

  it('refuses without rights, and has said what root would type', async () => {
    const { parts, err } = made({}, true)
    const options = { ...usual, connections: 30_000, fix: true, yes: true }
    expect(await runDoctor(options, parts)).toBe(10)
    const text = err()
    expect(text).toContain(`sysctl -w ${range}='20000 65535'`)
    expect(text).toContain('permission denied')
    expect(text).toContain('takes root, or sudo without a password')
  })

  it('says what a host was that it cannot reach any more', async () => {
    const { parts, err } = made({ ask: () => Promise.resolve(true) })
    await runDoctor({ ...usual, connections: 30_000, fix: true }, parts)
    err()
    const lost = { ...parts, settingsOf: () => undefined }
    expect(await runDoctor({ ...usual, undo: true }, lost)).toBe(12)
    expect(err()).toContain(`sysctl -w ${range}='32768\t60999'`)
  })
})
