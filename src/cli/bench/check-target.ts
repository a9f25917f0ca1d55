import { lookup } from 'node:dns/promises'
import { connect } from 'node:net'
import type { Plan } from '../../../bench-harness/plan/plan.ts'
import { isPublicAddress, publicConnectionsMax } from '../../../bench-harness/plan/public-target.ts'
import { RusherError } from '../../protocol/index.ts'
import type { BenchFlags } from './bench-flags.ts'

const answerMs = 5_000

/** Looks each name up once: workers then dial addresses, and no look-up is part of what is measured. */
export async function resolveTarget(urls: readonly string[]): Promise<readonly string[]> {
  return Promise.all(
    urls.map(async (text) => {
      const url = new URL(text)
      const host = url.hostname.replace(/^\[|\]$/g, '')
      const { address, family } = await addressOf(host)
      url.hostname = family === 6 ? `[${address}]` : address
      return url.href
    }),
  )
}

async function addressOf(host: string): Promise<{ address: string; family: number }> {
  try {
    return await lookup(host)
  } catch (cause) {
    throw new RusherError('SERVER_UNREACHABLE', `no address is known for ${host}`, { cause })
  }
}

/**
 * Refuses what should not be begun: many connections to a public address that nobody calls their own, and a server that nothing listens
 * for. Throws a `RusherError`.
 */
export async function checkTarget({ target, connections }: Plan, flags: BenchFlags): Promise<void> {
  const named = target.urls.map((text) => new URL(text).hostname)
  for (const [index, text] of (await resolveTarget(target.urls)).entries()) {
    const { hostname, port } = new URL(text)
    const address = hostname.replace(/^\[|\]$/g, '')
    const isOwned = [named[index], hostname].includes(flags.iOwnThisTarget)
    if (isPublicAddress(address) && connections > publicConnectionsMax && !isOwned)
      throw new RusherError(
        'USAGE',
        `${address} is a public address: more than ${publicConnectionsMax} connections need --i-own-this-target with its host`,
      )
    if (flags.clients === undefined) await reach(address, Number(port || 80))
  }
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
