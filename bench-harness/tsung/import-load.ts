import { attributesOf, childrenOf, type Findings } from './findings.ts'
import type { XmlElement } from './parse-xml.ts'
import type { ArrivalPhase } from './script.ts'

export const unitMs = { millisecond: 1, second: 1_000, minute: 60_000, hour: 3_600_000 } as const
const units = ['millisecond', 'second', 'minute', 'hour'] as const

/** Phases that a load may come to when its loops are written out. */
const phasesMax = 10_000

export function importLoad(
  load: XmlElement,
  findings: Findings,
): { readonly phases: readonly ArrivalPhase[]; readonly endsAfterMs?: number } {
  const attributes = attributesOf(load, findings)
  const duration = attributes.number('duration', 0) ?? 0
  const unit = attributes.word('unit', units) ?? 'second'
  const loops = attributes.whole('loop', 0) ?? 0
  attributes.rest()

  const elements = childrenOf(load, ['arrivalphase', 'user'], findings)
  for (const user of elements.filter(({ name }) => name === 'user'))
    findings.note(user, 'a <user> that begins at a moment of its own is not carried over')
  const numbered = elements
    .filter(({ name }) => name === 'arrivalphase')
    .map((element) => importPhase(element, findings))
  const once = numbered
    .toSorted((a, b) => a.no - b.no)
    .flatMap(({ phase }) => (phase === undefined ? [] : [phase]))
  const twice = numbered.find(({ no }, at) => numbered.findIndex((other) => other.no === no) < at)
  if (twice !== undefined) findings.mistake(twice.element, `phase ${twice.no} is there twice`)
  if (numbered.length === 0) findings.mistake(load, 'there is no <arrivalphase> in <load>')
  if (once.length * (loops + 1) > phasesMax) {
    findings.mistake(load, `loop="${loops}" comes to more than ${phasesMax} phases`)
    return { phases: once }
  }
  const phases = Array.from({ length: loops + 1 }, () => once).flat()
  return duration === 0 ? { phases } : { phases, endsAfterMs: duration * unitMs[unit] }
}

interface Numbered {
  readonly element: XmlElement
  readonly no: number
  readonly phase?: ArrivalPhase
}

function importPhase(element: XmlElement, findings: Findings): Numbered {
  const attributes = attributesOf(element, findings)
  const no = attributes.whole('phase', 0) ?? 0
  const duration = attributes.number('duration', 0)
  const unit = attributes.word('unit', units) ?? 'second'
  if (attributes.text('wait_all_sessions_end') === 'true')
    findings.note(
      element,
      'wait_all_sessions_end is not carried over: the next phase begins on time',
    )
  attributes.rest()
  if (element.attributes['duration'] === undefined)
    findings.mistake(element, '<arrivalphase> has no duration')
  const children = childrenOf(element, ['users', 'session_setup'], findings)
  const users = children.find(({ name }) => name === 'users')
  if (users === undefined) findings.mistake(element, '<arrivalphase> has no <users>')
  const rate = users === undefined ? undefined : importUsers(users, findings)
  const weights = importSetups(
    children.filter(({ name }) => name === 'session_setup'),
    findings,
  )
  if (duration === undefined || rate === undefined) return { element, no }
  const phase = { durationMs: duration * unitMs[unit], ...rate }
  return { element, no, phase: weights === undefined ? phase : { ...phase, weights } }
}

function importUsers(
  users: XmlElement,
  findings: Findings,
): Pick<ArrivalPhase, 'usersPerSecond' | 'usersMax'> | undefined {
  const attributes = attributesOf(users, findings)
  const interarrival = attributes.number('interarrival', 0)
  const arrivalrate = attributes.number('arrivalrate', 0)
  const unit = attributes.word('unit', units) ?? 'second'
  const usersMax = attributes.whole('maxnumber', 1)
  attributes.rest()
  const given = [users.attributes['interarrival'], users.attributes['arrivalrate']]
  if (given.every((one) => one === undefined))
    findings.mistake(users, '<users> needs an arrivalrate or an interarrival')
  if (given.every((one) => one !== undefined))
    findings.mistake(users, '<users> has both an arrivalrate and an interarrival')
  if (interarrival === 0 || arrivalrate === 0)
    findings.mistake(users, 'arrivalrate and interarrival of <users> must be more than 0')
  const seconds = unitMs[unit] / 1_000
  const usersPerSecond =
    interarrival !== undefined ? 1 / (interarrival * seconds) : (arrivalrate ?? 0) / seconds
  if (!(usersPerSecond > 0) || !Number.isFinite(usersPerSecond)) return undefined
  return usersMax === undefined ? { usersPerSecond } : { usersPerSecond, usersMax }
}

function importSetups(
  setups: readonly XmlElement[],
  findings: Findings,
): Readonly<Record<string, number>> | undefined {
  if (setups.length === 0) return undefined
  return Object.fromEntries(
    setups.map((setup) => {
      const attributes = attributesOf(setup, findings)
      const name = attributes.text('name') ?? ''
      const weight = attributes.number('probability', 0) ?? attributes.number('weight', 0)
      attributes.rest(['weight'])
      if (name === '' || weight === undefined)
        findings.mistake(setup, '<session_setup> needs a name, and a probability or a weight')
      return [name, weight ?? 0]
    }),
  )
}
