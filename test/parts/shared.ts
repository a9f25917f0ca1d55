import { beforeAll } from 'vitest'
import type { AtEnd } from './serve.ts'

/** Makes something before the tests of a suite, which share it; what it handed to `atEnd` is done after them, last first. */
export function shared<Thing>(make: (atEnd: AtEnd) => Promise<Thing>): () => Thing {
  let made: { readonly thing: Thing } | undefined
  beforeAll(async () => {
    const ends: Parameters<AtEnd>[0][] = []
    made = { thing: await make((end) => void ends.unshift(end)) }
    return async () => {
      for (const end of ends) await end()
    }
  })
  return () => {
    if (made === undefined) throw new Error('what the tests share was not made')
    return made.thing
  }
}
