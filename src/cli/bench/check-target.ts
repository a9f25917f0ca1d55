import { lookup } from 'node:dns/promises'
import { connect } from 'node:net'
import type { Plan } from '../../../bench-harness/plan/plan.ts'
import { isPublicAddress, publicConnectionsMax } from '../../../bench-harness/plan/public-target.ts'
import { addressOf, portOf } from '../../../bench-harness/plan/target-address.ts'
import { RusherError } from '../../protocol/index.ts'
import type { BenchFlags } from './bench-flags.ts'

const answerMs = 5_000

/**
 * The addresses of a target, by host name. Each name is looked up once: workers dial addresses, so
 * that no look-up is part of what is measured, and still name the host that was typed.
 */
export async function lookUpTarget(
  urls: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const hosts = new Set(urls.map((text) => new URL(text).hostname.replace(/^\[|\]$/g, '')))
  const found = await Promise.all(
    Array.from(hosts, async (host) => [host, await lookUp(host)] as const),
  )
  return Object.fromEntries(found)
}

async function lookUp(host: string): Promise<string> {
  try {
    return (await lookup(host)).address
  } catch (cause) {
    throw new RusherError('SERVER_UNREACHABLE', `no address is known for ${host}`, { cause })
  }
}

/**
 * Refuses many connections to a public address that the user does not claim as their own, and an
 * address where nothing listens. Resolves to the target with its addresses. Throws a `RusherError`.
 */
export async function checkTarget(
  { target, connections }: Plan,
  flags: BenchFlags,
): Promise<Plan['target']> {
  const addresses = await lookUpTarget(target.urls)
  for (const text of target.urls) {
    const url = new URL(text)
    const address = addressOf(url, { addresses })
    const isOwned = [url.hostname, address].includes(flags.iOwnThisTarget ?? '')
    if (isPublicAddress(address) && connections > publicConnectionsMax && !isOwned)
      throw new RusherError(
        'USAGE',
        `${address} is a public address: more than ${publicConnectionsMax} connections need --i-own-this-target with its host`,
      )
    if (flags.clients === undefined) await reach(address, portOf(url))
  }
  return { ...target, addresses }
}

/** One TCP connection, from here. With clients elsewhere the server may well be out of our reach. */
function reach(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void =>
      reject(
        new RusherError(
          'SERVER_UNREACHABLE',
          `nothing answers at ${host}:${port} (${why}); is the server running, and is this its port?`,
        ),
      )
    const socket = connect({ host, port, timeout: answerMs })
    socket.once('connect', () => {
      socket.resetAndDestroy()
      resolve()
    })
    socket.once('timeout', () => {
      socket.destroy()
      fail(`nothing within ${answerMs / 1_000} s`)
    })
    socket.once('error', (error) => fail(error.message))
  })
}
