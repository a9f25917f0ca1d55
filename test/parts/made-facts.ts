import type { HostFacts } from '../../bench-harness/control/messages.ts'

/** A usual Linux machine of four cores, with what a test wants otherwise. */
export function madeFacts(
  more: Partial<HostFacts> = {},
  sysctls: Readonly<Record<string, string>> = {},
): HostFacts {
  return {
    hostname: 'box1',
    system: 'Linux',
    kernel: '6.1.0',
    arch: 'x64',
    cpu: 'EPYC',
    cores: 4,
    memoryBytes: 16e9,
    freeBytes: 10e9,
    node: '24.0.0',
    versions: {},
    descriptorsMax: 1_048_576,
    addresses: ['10.0.0.5'],
    loadAverage: 0.1,
    ...more,
    sysctls: {
      'net.ipv4.ip_local_port_range': '32768\t60999',
      'net.ipv4.ip_local_reserved_ports': '',
      ...sysctls,
    },
  }
}
