import type { Target } from './plan.ts'

/** The port of a URL, also where it is the usual one of its scheme. */
export function portOf({ port, protocol }: URL): number {
  return Number(port || (protocol === 'wss:' ? 443 : 80))
}

/** The address that is dialled for a URL of a target: its host's, or the host itself. */
export function addressOf(url: URL, { addresses }: Pick<Target, 'addresses'>): string {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return addresses?.[host] ?? host
}

/** Whether every URL of a target leads to this machine. */
export function isThisMachine(target: Pick<Target, 'urls' | 'addresses'>): boolean {
  return target.urls.every((text) => /^(?:127\.|::1$)/.test(addressOf(new URL(text), target)))
}
