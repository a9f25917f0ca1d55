import type { Storage } from '../../storage/storage.ts'
import { coreLimits } from './channel-limits.ts'

/**
 * The numbers that the kept values of one channel have, so that no value is replaced by a lower one.
 * It knows the newest `coreLimits.latestMax` names, which are those that members are given too.
 */
export class IncreasingValues {
  readonly #field: string
  /** Of what is kept and what is being kept, in order of change. */
  #numbers: Map<string, number> | undefined
  #loading: Promise<void> | undefined

  /** `field`: where the number stands in a body. */
  constructor(field: string) {
    this.#field = field
  }

  get isLoaded(): boolean {
    return this.#numbers !== undefined
  }

  /** Reads the values from storage, once. */
  load(storage: Storage, channel: string): Promise<void> {
    this.#loading ??= this.#load(storage, channel).finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  /**
   * Whether this body is higher than what is kept under the name. If so, it counts from now on; call
   * the answer when it could not be kept.
   */
  raise(name: string, body: unknown): (() => void) | undefined {
    const numbers = this.#numbers
    const next = this.#numberOf(body)
    const before = numbers?.get(name)
    if (numbers === undefined || next === undefined) return undefined
    if (before !== undefined && next <= before) return undefined
    this.#set(numbers, name, next)
    return () => {
      if (numbers.get(name) !== next) return
      if (before === undefined) numbers.delete(name)
      else numbers.set(name, before)
    }
  }

  async #load(storage: Storage, channel: string): Promise<void> {
    const stored = await storage.readLatest(channel, coreLimits.latestMax)
    const numbers = new Map<string, number>()
    for (const { name, payload } of stored.toReversed()) {
      const number = this.#numberOf((JSON.parse(payload) as { readonly body?: unknown }).body)
      if (number !== undefined) this.#set(numbers, name, number)
    }
    this.#numbers = numbers
  }

  #set(numbers: Map<string, number>, name: string, number: number): void {
    numbers.delete(name)
    numbers.set(name, number)
    const [oldest] = numbers.keys()
    if (numbers.size > coreLimits.latestMax && oldest !== undefined) numbers.delete(oldest)
  }

  #numberOf(body: unknown): number | undefined {
    return numberIn(body, this.#field)
  }
}

/** The number in a field of a body; undefined where there is none. */
export function numberIn(body: unknown, field: string): number | undefined {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, field)) return undefined
  const value = (body as Readonly<Record<string, unknown>>)[field]
  return typeof value === 'number' ? value : undefined
}
