import { expect, test } from 'vitest'
import { hardLimitOf, hostFactsHere, readHostFacts } from './host-facts.ts'

const limits = `Limit                     Soft Limit           Hard Limit           Units
Max processes             62808                62808                processes
Max open files            1024                 1048576              files
`
const texts: Readonly<Record<string, string>> = {
  '/proc/self/limits': limits,
  '/proc/sys/net/ipv4/ip_local_port_range': '32768\t60999\n',
  '/proc/sys/net/netfilter/nf_conntrack_count': '12\n',
  '/proc/net/sockstat': 'sockets: used 5\nTCP: inuse 4 orphan 0 tw 7 alloc 9 mem 1\n',
  '/proc/pressure/cpu': 'some avg10=1.25 avg60=0.00 avg300=0.00 total=1\n',
  '/etc/os-release': 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12"\n',
}
const address = (text: string, internal = false) => ({
  address: text,
  netmask: '',
  family: 'IPv4' as const,
  mac: '',
  internal,
  cidr: null,
})
const os = {
  hostname: () => 'box',
  type: () => 'Linux',
  release: () => '6.1',
  arch: () => 'x64' as const,
  cpus: () => [],
  availableParallelism: () => 4,
  totalmem: () => 8e9,
  loadavg: () => [0.5, 0, 0],
  networkInterfaces: () => ({
    lo: [address('127.0.0.1', true), address('10.9.9.9', true)],
    eth0: [address('10.0.0.5'), address('fe80::1'), address('2001:db8::5')],
  }),
}
const read = (found: Readonly<Record<string, string>>) =>
  readHostFacts({
    read: (path) => found[path],
    os,
    versions: { node: '24.1.0', v8: '13' },
    constrainedBytes: 2e9,
    freeBytes: 1e9,
  })

test('the hard limit of open files counts, since Node raises the soft one', () => {
  expect(hardLimitOf(limits)).toBe(1_048_576)
  expect(hardLimitOf('Max open files   1024   unlimited   files')).toBe(Number.MAX_SAFE_INTEGER)
})

test('facts are what Linux tells', () => {
  expect(read(texts)).toEqual({
    hostname: 'box',
    system: 'Linux (Debian GNU/Linux 12)',
    kernel: '6.1',
    arch: 'x64',
    cpu: 'unknown',
    cores: 4,
    memoryBytes: 2e9,
    freeBytes: 1e9,
    node: 'v24.1.0',
    versions: { v8: '13' },
    descriptorsMax: 1_048_576,
    sysctls: { 'net.ipv4.ip_local_port_range': '32768 60999' },
    addresses: ['10.0.0.5', '2001:db8::5'],
    interfaces: { lo: ['127.0.0.1', '10.9.9.9'], eth0: ['10.0.0.5', '2001:db8::5'] },
    loadAverage: 0.5,
    pressure: 1.25,
    timeWait: 7,
    conntrack: 12,
  })
})

test('what a system does not tell is absent', () => {
  const facts = read({})
  expect(facts.sysctls).toEqual({})
  for (const name of ['pressure', 'clockSource', 'virtualization', 'timeWait', 'conntrack'])
    expect(facts).not.toHaveProperty(name)
})

test('this machine has facts', () => {
  const facts = hostFactsHere()
  expect(facts.cores).toBeGreaterThan(0)
  expect(facts.descriptorsMax).toBeGreaterThan(100)
  expect(facts.freeBytes).toBeGreaterThan(0)
})
