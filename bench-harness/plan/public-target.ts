import { BlockList, isIP } from 'node:net'

/** Connections that may be opened to an address of the public internet without saying that it is one's own. */
export const publicConnectionsMax = 1_000

/** True for an address that everybody could be behind: neither this machine, nor a private network. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address)
  if (version === 0) return true
  const own = new BlockList()
  for (const [net, bits] of [
    ['127.0.0.0', 8],
    ['10.0.0.0', 8],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
    ['169.254.0.0', 16],
    ['100.64.0.0', 10],
  ] as const)
    own.addSubnet(net, bits)
  own.addAddress('::1', 'ipv6')
  own.addSubnet('fc00::', 7, 'ipv6')
  own.addSubnet('fe80::', 10, 'ipv6')
  return !own.check(address, version === 6 ? 'ipv6' : 'ipv4')
}
