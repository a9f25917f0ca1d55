import os from 'node:os'
import type { HostFacts } from '../control/messages.ts'
import { readText } from '../server-side/read-proc.ts'

/** Settings of Linux that decide how many connections there can be, or how they behave. */
const sysctls = [
  'fs.nr_open',
  'fs.file-max',
  'fs.file-nr',
  'kernel.pid_max',
  'net.core.netdev_max_backlog',
  'net.core.rmem_max',
  'net.core.somaxconn',
  'net.core.wmem_max',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_abort_on_overflow',
  'net.ipv4.tcp_congestion_control',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_max_orphans',
  'net.ipv4.tcp_max_syn_backlog',
  'net.ipv4.tcp_migrate_req',
  'net.ipv4.tcp_max_tw_buckets',
  'net.ipv4.tcp_mem',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_timestamps',
  'net.ipv4.tcp_tw_reuse',
  'net.ipv4.tcp_wmem',
  'net.netfilter.nf_conntrack_buckets',
  'net.netfilter.nf_conntrack_max',
  'vm.max_map_count',
  'vm.overcommit_memory',
  'vm.swappiness',
]

/** What the facts are read from. `read` gives the text of a file, or nothing where it is not there or not to be seen. */
export interface FactSources {
  read(path: string): string | undefined
  readonly os: Pick<
    typeof os,
    | 'hostname'
    | 'type'
    | 'release'
    | 'arch'
    | 'cpus'
    | 'availableParallelism'
    | 'totalmem'
    | 'loadavg'
    | 'networkInterfaces'
  >
  readonly versions: Readonly<Record<string, string | undefined>>
  /** Bytes that processes here may use in all, by the control group; 0 for no bound. */
  readonly constrainedBytes: number
  readonly freeBytes: number
}

/** What this machine is. */
export function hostFactsHere(): HostFacts {
  return readHostFacts({
    read: readText,
    os,
    versions: process.versions,
    constrainedBytes: process.constrainedMemory() ?? 0,
    freeBytes: process.availableMemory(),
  })
}

export function readHostFacts(sources: FactSources): HostFacts {
  const { read, os: system } = sources
  const cpus = system.cpus()
  const networks = system.networkInterfaces()
  const interfaces = interfacesOf(networks)
  const total = system.totalmem()
  const { constrainedBytes: bound } = sources
  const pretty = /^PRETTY_NAME="?([^"\n]+)/m.exec(read('/etc/os-release') ?? '')?.[1]
  return {
    hostname: system.hostname(),
    system: pretty === undefined ? system.type() : `${system.type()} (${pretty})`,
    kernel: system.release(),
    arch: system.arch(),
    cpu: cpus[0]?.model.trim() || 'unknown',
    cores: system.availableParallelism(),
    memoryBytes: bound > 0 && bound < total ? bound : total,
    freeBytes: sources.freeBytes,
    node: `v${sources.versions['node'] ?? '?'}`,
    versions: versionsOf(sources.versions),
    descriptorsMax: hardLimitOf(read('/proc/self/limits') ?? ''),
    sysctls: Object.fromEntries(
      sysctls.flatMap((name) => {
        const text = read(`/proc/sys/${name.replaceAll('.', '/')}`)
        return text === undefined ? [] : [[name, text.trim().replaceAll('\t', ' ')] as const]
      }),
    ),
    addresses: Object.keys(interfaces)
      .filter((name) => networks[name]?.some(({ internal }) => !internal))
      .flatMap((name) => interfaces[name] ?? []),
    interfaces,
    loadAverage: system.loadavg()[0] ?? 0,
    ...optionalFacts(read),
  }
}

function optionalFacts(
  read: FactSources['read'],
): Pick<HostFacts, 'pressure' | 'clockSource' | 'virtualization' | 'timeWait' | 'conntrack'> {
  const number = (text: string | undefined): number | undefined =>
    text === undefined || text.trim() === '' ? undefined : Number(text)
  const clocks = '/sys/devices/system/clocksource/clocksource0/current_clocksource'
  return present({
    pressure: number(/^some avg10=([\d.]+)/.exec(read('/proc/pressure/cpu') ?? '')?.[1]),
    clockSource: read(clocks)?.trim(),
    virtualization: virtualizationOf(read),
    timeWait: number(/^TCP:.* tw (\d+)/m.exec(read('/proc/net/sockstat') ?? '')?.[1]),
    conntrack: number(read('/proc/sys/net/netfilter/nf_conntrack_count')),
  })
}

function virtualizationOf(read: FactSources['read']): string | undefined {
  if (read('/.dockerenv') !== undefined || read('/run/.containerenv') !== undefined)
    return 'container'
  if (!/^flags\s*:.*\bhypervisor\b/m.test(read('/proc/cpuinfo') ?? '')) return undefined
  const maker = ['sys_vendor', 'product_name']
    .map((name) => read(`/sys/class/dmi/id/${name}`)?.trim() ?? '')
    .filter((text) => text !== '')
    .join(' ')
  return maker === '' ? 'virtual machine' : maker
}

type NetworkInterfaces = ReturnType<typeof os.networkInterfaces>

/** Those that a connection can come from: an address of a link is none without the link's name. */
function interfacesOf(all: NetworkInterfaces): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(all).map(([name, addresses = []]) => [
      name,
      addresses.map(({ address }) => address).filter((address) => !/^fe[89ab]/i.test(address)),
    ]),
  )
}

/** Node raises the soft limit of open files to the hard one by itself, so that only this one counts. */
export function hardLimitOf(limits: string): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1]
  if (hard === 'unlimited') return Number.MAX_SAFE_INTEGER
  // The least that any system gives.
  return hard === undefined ? 256 : Number(hard)
}

function versionsOf(all: FactSources['versions']): Record<string, string> {
  return present({ v8: all['v8'], uv: all['uv'], openssl: all['openssl'] })
}

type Present<T> = { [key in keyof T]?: Exclude<T[key], undefined> }

function present<T extends Record<string, unknown>>(fields: T): Present<T> & Record<string, never> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Present<T> & Record<string, never>
}
