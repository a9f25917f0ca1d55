import { describe, expect, it } from 'vitest'
import { madeFacts } from '../../test/parts/made-facts.ts'
import type { HostFacts } from '../control/messages.ts'
import type { Finding, Subject } from './check.ts'
import { checks } from './checks.ts'

function find(
  id: string,
  sysctls: Readonly<Record<string, string>> = {},
  more: Partial<Subject> = {},
  facts: Partial<HostFacts> = {},
): Finding | undefined {
  const check = checks.find((each) => each.id === id)
  if (check === undefined) throw new Error(`there is no check "${id}"`)
  return check.look({
    side: 'client',
    facts: madeFacts(facts, sysctls),
    processes: 3,
    sources: 0,
    destinations: 1,
    listening: [],
    shared: false,
    ...more,
  })
}

const reserved = 'net.ipv4.ip_local_reserved_ports'
const range = 'net.ipv4.ip_local_port_range'

describe('checks', () => {
  it('have names of their own', () => {
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length)
  })

  it('say nothing of what a machine does not tell', () => {
    const silent = checks.flatMap(({ look, id }) => {
      const finding = look({
        side: 'client',
        facts: { ...madeFacts({ system: 'Darwin' }), sysctls: {} },
        processes: 1,
        sources: 0,
        destinations: 1,
        listening: [],
        shared: false,
      })
      return finding === undefined ? [] : [id]
    })
    expect(silent).toEqual([
      'source ports',
      'open files of a process',
      'free memory',
      'processors',
      'other load',
    ])
  })

  it('find too few source ports, and widen the range with what listens in it reserved', () => {
    const finding = find(
      'source ports',
      { [reserved]: '30000' },
      {
        connections: 30_000,
        listening: [8_080, 25_000],
      },
    )
    expect(finding?.level).toBe('bad')
    expect(finding?.effect).toContain('30,000 connections leave from here, 28,232 can')
    expect(finding?.fix).toEqual({
      kind: 'settings',
      settings: { [reserved]: '25000,30000', [range]: '20000 65535' },
    })
  })

  it('count addresses and server ports, and advise when no range would do', () => {
    expect(find('source ports', {}, { connections: 50_000, destinations: 2 })?.level).toBe('ok')
    const wide = find('source ports', { [range]: '20000 65535' }, { connections: 50_000 })
    expect(wide?.fix?.kind).toBe('advice')
  })

  it('warn of a range in which servers listen, unless ports are reserved', () => {
    expect(find('source ports', { [range]: '1024 65535' })?.level).toBe('warn')
    expect(find('source ports', { [range]: '1024 65535', [reserved]: '8080' })?.level).toBe('ok')
  })

  it('reserve a listening port that a connection could take', () => {
    expect(find('reserved ports', {}, { listening: [8_080] })?.level).toBe('ok')
    const finding = find('reserved ports', { [reserved]: '40001' }, { listening: [40_000] })
    expect(finding).toMatchObject({
      level: 'warn',
      fix: { kind: 'settings', settings: { [reserved]: '40000-40001' } },
    })
  })

  it('find ports in TIME_WAIT, and let them be used again only once', () => {
    const many = { timeWait: 5_000 }
    expect(find('TIME_WAIT', {}, {}, { timeWait: 100 })?.level).toBe('ok')
    expect(find('TIME_WAIT', { 'net.ipv4.tcp_tw_reuse': '2' }, {}, many)?.fix).toEqual({
      kind: 'settings',
      settings: { 'net.ipv4.tcp_tw_reuse': '1' },
    })
    expect(find('TIME_WAIT', { 'net.ipv4.tcp_tw_reuse': '1' }, {}, many)?.fix?.kind).toBe('advice')
  })

  it('raise tcp_mem only when it is too small, and flag more than there is', () => {
    const name = 'net.ipv4.tcp_mem'
    const machine = { memoryBytes: 4_096 * 1_000_000 }
    expect(
      find(name, { [name]: '100 200000 300000' }, { connections: 100_000 }, machine)?.level,
    ).toBe('ok')
    expect(find(name, { [name]: '100 2000 3000' }, { connections: 100_000 }, machine)?.fix).toEqual(
      {
        kind: 'settings',
        settings: { [name]: '250000 500000 750000' },
      },
    )
    const off = find(name, { [name]: '10000000 10000000 10000000' }, {}, machine)
    expect(off).toMatchObject({ level: 'warn', fix: { kind: 'advice' } })
  })

  it('warn of buffers that were kept small', () => {
    const small = { 'net.ipv4.tcp_rmem': '1024 4096 16384', 'net.ipv4.tcp_wmem': '1024 4096 16384' }
    expect(find('net.ipv4.tcp_rmem, tcp_wmem', small)?.level).toBe('warn')
  })

  it('raise a short accept backlog', () => {
    const short = { 'net.core.somaxconn': '128', 'net.ipv4.tcp_max_syn_backlog': '512' }
    expect(find('accept backlog', short)?.fix).toEqual({
      kind: 'settings',
      settings: { 'net.core.somaxconn': '65535', 'net.ipv4.tcp_max_syn_backlog': '65535' },
    })
    expect(find('accept backlog', { 'net.core.somaxconn': '4096' })?.level).toBe('ok')
  })

  it('have a full process hand over who waits at it, where there are several', () => {
    const name = 'net.ipv4.tcp_migrate_req'
    const many = { connections: 300_000 }
    const files = { descriptorsMax: 20_000 }
    expect(find(name, { [name]: '0' }, many, files)?.fix).toEqual({
      kind: 'settings',
      settings: { [name]: '1' },
    })
    expect(find(name, { [name]: '0' }, { connections: 9_000 }, files)?.level).toBe('ok')
    expect(find(name, { [name]: '1' }, many, files)?.level).toBe('ok')
  })

  it('find a connection table that is too small, where it is in use', () => {
    const table = { 'net.netfilter.nf_conntrack_max': '262144' }
    const wanted = { connections: 300_000 }
    expect(find('connection tracking', table, wanted, { conntrack: 0 })?.level).toBe('ok')
    expect(find('connection tracking', table, wanted, { conntrack: 90 })).toMatchObject({
      level: 'bad',
      fix: { settings: { 'net.netfilter.nf_conntrack_max': '524288' } },
    })
  })

  it('tell how many processes make up for a limit of open files', () => {
    const id = 'open files of a process'
    const facts = { descriptorsMax: 20_064 }
    expect(find(id, {}, { connections: 60_000 }, facts)?.level).toBe('ok')
    const clients = find(id, {}, { connections: 70_000 }, facts)
    expect(clients?.fix).toEqual({ kind: 'advice', text: 'workers=4 in hosts.txt' })
    const server = find(id, {}, { side: 'server', connections: 70_000, descriptorsMax: 1_024 })
    expect(server?.level).toBe('bad')
  })

  it('hold both ends of a connection against one machine', () => {
    const facts = { freeBytes: 1e9 }
    expect(find('free memory', {}, { connections: 50_000 }, facts)?.level).toBe('ok')
    expect(find('free memory', {}, { connections: 50_000, shared: true }, facts)?.level).toBe('bad')
    expect(find('fs.file-max', { 'fs.file-max': '90000' }, { connections: 50_000 })?.level).toBe(
      'ok',
    )
    expect(
      find('fs.file-max', { 'fs.file-max': '90000' }, { connections: 50_000, shared: true })?.level,
    ).toBe('bad')
  })

  it('refuse to call a busy machine quiet', () => {
    expect(find('other load', {}, {}, { loadAverage: 1 })?.level).toBe('ok')
    expect(find('other load', {}, {}, { loadAverage: 3 })?.level).toBe('warn')
    const busy = find('other load', {}, {}, { pressure: 33 })
    expect(busy).toMatchObject({ level: 'warn', effect: expect.stringContaining('noisy') })
  })
})
