import { describe, expect, it } from 'vitest'
import { madeFacts } from '../../test/parts/made-facts.ts'
import { type ClientHost, capacityOf } from './capacity.ts'

const urls = ['ws://10.0.0.9:8080/connect']
const host = (name: string, more: Partial<ClientHost> = {}): ClientHost => ({
  name,
  facts: madeFacts(),
  workers: 3,
  sources: [],
  ...more,
})

describe('capacityOf', () => {
  it('is as many ports as the kernel has, for one host and one server port', () => {
    const capacity = capacityOf({ hosts: [host('box1')], urls })
    expect(capacity.max).toBe(28_232)
    expect(capacity.sentence).toBe(
      'This fleet can hold 28,232 connections; limited by source ports on box1 (28,232 x 1 address x 1 server port). ' +
        'Fix: dial more server ports or addresses, give this host more addresses (src= in hosts.txt), ' +
        'or rusher bench doctor --fix (45,536 ports).',
    )
  })

  it('multiplies with addresses and with server ports', () => {
    const two = ['ws://10.0.0.9:8080/a', 'ws://10.0.0.9:8081/a', 'ws://10.0.0.9:8081/b']
    expect(capacityOf({ hosts: [host('box1')], urls: two }).max).toBe(56_464)
    const sources = ['10.0.0.5', '10.0.0.6', '10.0.0.7']
    const capacity = capacityOf({
      hosts: [host('box1', { sources })],
      urls: two,
      connections: 1_000,
    })
    expect(capacity.hosts[0]?.limits[0]?.how).toBe('28,230 x 3 addresses x 2 server ports')
    expect(capacity.max).toBe(169_380)
  })

  it('is bound by the tightest worker, since all get the same', () => {
    const tight = host('box2', { workers: 1, connectionsMax: 5_000 })
    const capacity = capacityOf({ hosts: [host('box1'), tight], urls })
    expect(capacity.where).toBe('box2')
    expect(capacity.max).toBe(20_000)
    expect(capacity.by?.resource).toBe('max= in hosts.txt')
  })

  it('says how many workers make up for a hard limit of open files', () => {
    const facts = madeFacts({ descriptorsMax: 4_160 })
    const capacity = capacityOf({
      hosts: [host('box1', { facts, workers: 2 })],
      urls,
      connections: 20_000,
    })
    expect(capacity.max).toBe(8_192)
    expect(capacity.sentence).toContain('11,808 short of 20,000; limited by descriptors on box1')
    expect(capacity.sentence).toContain('Fix: workers=5 in hosts.txt.')
  })

  it('counts free memory, and both ends where the server is on the same machine', () => {
    const facts = madeFacts({ freeBytes: 100e6 })
    const alone = capacityOf({ hosts: [host('box1', { facts })], urls })
    expect(alone.by?.resource).toBe('memory')
    expect(alone.max).toBe(10_000)
    expect(capacityOf({ hosts: [host('box1', { facts, withServer: true })], urls }).max).toBe(4_500)
  })

  it('counts the connection table only where it is in use', () => {
    const sysctls = { 'net.netfilter.nf_conntrack_max': '8192' }
    const used = host('box1', { facts: madeFacts({ conntrack: 192 }, sysctls) })
    expect(capacityOf({ hosts: [used], urls }).max).toBe(8_000)
    const unused = host('box1', { facts: madeFacts({ conntrack: 0 }, sysctls) })
    expect(capacityOf({ hosts: [unused], urls }).max).toBe(28_232)
  })

  it('is the smaller of fleet and server', () => {
    const server = { name: 'the server', processes: 1, descriptorsMax: 1_064 }
    const capacity = capacityOf({ hosts: [host('box1')], urls, server })
    expect(capacity.max).toBe(1_000)
    expect(capacity.fleetMax).toBe(28_232)
    expect(capacity.sentence).toContain(
      'The server can hold 1,000 connections; limited by descriptors on the server (1 process x 1,000 open files)',
    )
  })

  it('takes a server of which nothing is known as no limit', () => {
    expect(capacityOf({ hosts: [host('box1')], urls, server: { name: 'it' } }).max).toBe(28_232)
  })
})
