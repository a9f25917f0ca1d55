import { readdirSync } from 'node:fs'
import { expect } from 'vitest'
import { metricsOf } from '../../documents/parts/ask.ts'
import { childrenOf } from '../../parts/processes.ts'
import { connectRaw } from '../../parts/raw-client.ts'
import type { Served } from '../../parts/serve.ts'
import { until } from '../../parts/until.ts'

/** An honest client on the same server that must not be affected. */
export interface Bystander {
  /**
   * Asserts that the server's processes are the same, that this session is open and served, and
   * that no memory is held for other clients.
   */
  expectUnharmed(): Promise<void>
}

/** A value from /metrics, summed over its labels. */
export async function sumOf(url: string, name: string): Promise<number> {
  const lines = (await metricsOf(url)).split('\n')
  return lines
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

export async function standBy(served: Served): Promise<Bystander> {
  const { url, pid } = served
  const client = await connectRaw(url, { id: 'bystander' })
  await client.join('chat:quiet')
  let said = 0

  async function writes(): Promise<void> {
    said += 1
    expect(await client.say('chat:quiet', `message ${said}`)).toHaveProperty('ok')
    const address = `${url}/docs/quiet/text?field=t`
    const put = await fetch(address, { method: 'PUT', body: `text ${said}` })
    expect([put.status, await put.json()]).toEqual([200, { changed: true }])
    expect(await (await fetch(address)).text()).toBe(`text ${said}`)
  }

  await writes()
  const processes = [pid, ...childrenOf(pid)].sort()
  const descriptors = (): number =>
    processes.reduce((sum, one) => sum + readdirSync(`/proc/${one}/fd`).length, 0)
  const before = descriptors()

  return {
    async expectUnharmed() {
      expect([pid, ...childrenOf(pid)].sort()).toEqual(processes)
      await writes()
      expect(client.close).toBe(undefined)
      for (const name of ['rusher_http_requests', 'rusher_http_body_bytes']) {
        await until(`${name} is 0`, async () => (await sumOf(url, name)) === 0)
      }
      // Reading the metrics is itself a request to the core.
      await until(
        'one call is pending',
        async () => (await sumOf(url, 'rusher_calls_pending')) === 1,
      )
      expect(await sumOf(url, 'rusher_internal_errors_total')).toBe(0)
      // Our own requests keep a few connections open.
      await until('descriptors are given back', () => descriptors() <= before + 16)
      const ready = await fetch(`${url}/readyz`)
      expect([ready.status, await ready.json()]).toMatchObject([200, { ready: true }])
    },
  }
}
