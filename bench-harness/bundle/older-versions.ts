import { defaultHealth } from '../plan/plan.ts'

/*
 * What earlier versions wrote, in today's form: fields that had another name, and fields that there
 * were not. A value of today's form comes back as it is, and what is no object is left to the
 * schema.
 */

type Fields = Readonly<Record<string, unknown>>

const newNames: Readonly<Record<string, string>> = {
  doubled: 'duplicated',
  tainted: 'overloaded',
  taintedShareMax: 'overloadedShareMax',
}

const newCounters = { unsent: 0, unanswered: 0, undelivered: 0 }

export function planOfToday(value: unknown): unknown {
  return changed(value, { health: (health) => ({ ...defaultHealth, ...renamed(health) }) })
}

export function secondOfToday(value: unknown): unknown {
  if (!isFields(value)) return value
  const second = { noisy: [], ...renamed(value) }
  return changed(second, { counters: (counters) => ({ ...newCounters, ...renamed(counters) }) })
}

export function resultOfToday(value: unknown): unknown {
  return changed(value, {
    messages: (counters) => ({ ...newCounters, ...renamed(counters) }),
    history: (history) => ({ unanswered: 0, ...renamed(history) }),
    health: (health) => ({ noisy: 0, noise: [], ...renamed(health) }),
  })
}

function changed(
  value: unknown,
  changes: Readonly<Record<string, (fields: Fields) => Fields>>,
): unknown {
  if (!isFields(value)) return value
  const entries = Object.entries(changes).flatMap(([name, change]) => {
    const fields = value[name]
    return isFields(fields) ? [[name, change(fields)] as const] : []
  })
  return { ...value, ...Object.fromEntries(entries) }
}

function renamed(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [newNames[name] ?? name, value]),
  )
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
