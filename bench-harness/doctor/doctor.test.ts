import { describe, expect, it } from 'vitest'
import { madeFacts } from '../../test/parts/made-facts.ts'
import { commandsOf, examine, settingsOf } from './doctor.ts'

const urls = ['ws://10.0.0.9:8080/connect']
const box = (name: string, more = {}) => ({
  name,
  facts: madeFacts(more),
  workers: 3,
  sources: [],
})

describe('examine', () => {
  it('says that it is enough, or not, only when it was asked for a number', () => {
    expect(examine({ hosts: [box('box1')], urls }).enough).toBeUndefined()
    expect(examine({ hosts: [box('box1')], urls, connections: 20_000 }).enough).toBe(true)
    const short = examine({ hosts: [box('box1')], urls, connections: 30_000 })
    expect(short.enough).toBe(false)
    expect(short.level).toBe('bad')
  })

  it('gives each host its part of the connections', () => {
    const report = examine({ hosts: [box('box1'), box('box2')], urls, connections: 50_000 })
    expect(report.enough).toBe(true)
    expect(report.rows.filter(({ level }) => level === 'bad')).toEqual([])
  })

  it("collects a host's settings, what is reserved before what is widened", () => {
    const host = { ...box('box1'), listening: [33_000, 25_000] }
    const report = examine({ hosts: [host], urls, connections: 30_000 })
    const settings = settingsOf(report, 'box1')
    expect(Object.entries(settings)).toEqual([
      ['net.ipv4.ip_local_reserved_ports', '25000,33000'],
      ['net.ipv4.ip_local_port_range', '20000 65535'],
    ])
    expect(commandsOf({ kind: 'settings', settings })[1]).toBe(
      "sysctl -w net.ipv4.ip_local_port_range='20000 65535'",
    )
    expect(settingsOf(report, 'box2')).toEqual({})
  })

  it('warns of hosts with different versions of Node', () => {
    const report = examine({ hosts: [box('box1'), box('box2', { node: 'v22.0.0' })], urls })
    expect(report.rows.find(({ id }) => id === 'Node')?.host).toBe('box2')
  })

  it("holds the server's own limit against what is wanted", () => {
    const server = { name: 'it', sessionsMax: 1_000 }
    const report = examine({ hosts: [box('box1')], urls, server, connections: 5_000 })
    expect(report.rows.at(-1)).toMatchObject({ host: 'it', side: 'server', level: 'bad' })
    expect(report.enough).toBe(false)
  })

  it('tells once what clients and server on one machine have in common', () => {
    const here = { ...box('localhost'), withServer: true }
    const server = { name: 'localhost', facts: here.facts, processes: 1 }
    const { rows } = examine({ hosts: [here], urls, server })
    expect(rows.filter(({ id }) => id === 'free memory')).toHaveLength(1)
    expect(rows.some(({ id, side }) => id === 'open files of a process' && side === 'server')).toBe(
      true,
    )
  })
})
