import { attributesOf, childrenOf, type Findings } from './findings.ts'
import type { ThinkDefaults } from './import-options.ts'
import { importSteps } from './import-steps.ts'
import type { XmlElement } from './parse-xml.ts'
import type { ArrivalPhase, TsungSession, TsungStep } from './script.ts'

/** How far a sum of probabilities may be from 100; Tsung allows as much. */
const probabilitySlack = 0.05

interface Shared {
  readonly name: string
  readonly weight: number
}

/** Gives the WebSocket sessions, and the names of all. */
export function importSessions(
  element: XmlElement,
  context: { readonly think: ThinkDefaults; readonly phases: readonly ArrivalPhase[] },
  findings: Findings,
): { readonly sessions: readonly TsungSession[]; readonly names: readonly string[] } {
  const elements = childrenOf(element, ['session'], findings)
  const all = elements.map((session) => importSession(session, context.think, findings))
  const names = all.map(({ shared }) => shared.name)
  const sessions = all.flatMap(({ session }) => (session === undefined ? [] : [session]))
  if (sessions.length === 0) {
    findings.mistake(element, 'there is no session of type ts_websocket; only these can be run')
    return { sessions, names }
  }
  checkWeights(element, all, expandWeights(context.phases, names), findings)
  return { sessions, names }
}

interface Imported {
  readonly shared: Shared
  readonly byProbability: boolean
  readonly session?: TsungSession
}

function importSession(element: XmlElement, think: ThinkDefaults, findings: Findings): Imported {
  const attributes = attributesOf(element, findings)
  const name = attributes.text('name') ?? ''
  const type = attributes.text('type')
  const probability = attributes.number('probability', 0)
  const weight = attributes.number('weight', 0)
  attributes.rest(['persistent', 'bidi'])
  const { probability: givenProbability, weight: givenWeight } = element.attributes
  if (name === '') findings.mistake(element, '<session> has no name')
  if (givenProbability === undefined && givenWeight === undefined)
    findings.mistake(element, `session "${name}" needs a probability or a weight`)
  if (givenProbability !== undefined && givenWeight !== undefined)
    findings.mistake(element, `session "${name}" has both a probability and a weight`)
  const shared = { name, weight: probability ?? weight ?? 0 }
  const byProbability = givenProbability !== undefined
  if (type !== 'ts_websocket') {
    findings.note(
      element,
      `session "${name}" is ${type ?? 'of no type'}, not ts_websocket, and is left out; the others share its users`,
    )
    return { shared, byProbability }
  }
  const steps = importSteps(element, think, findings)
  checkConnected(element, name, steps, findings)
  return { shared, byProbability, session: { ...shared, steps } }
}

/** A session that never connects, or speaks before it does, is one that Tsung would crash on. */
function checkConnected(
  element: XmlElement,
  name: string,
  steps: readonly TsungStep[],
  findings: Findings,
): void {
  const first = flatten(steps).find(({ kind }) => kind === 'connect' || kind === 'message')
  if (first === undefined) findings.mistake(element, `session "${name}" never connects`)
  else if (first.kind === 'message')
    findings.mistake(element, `session "${name}" sends a message before it has connected`)
}

function flatten(steps: readonly TsungStep[]): readonly TsungStep[] {
  return steps.flatMap((step) => (step.kind === 'repeat' ? flatten(step.steps) : [step]))
}

function checkWeights(
  element: XmlElement,
  all: readonly Imported[],
  phases: readonly ArrivalPhase[],
  findings: Findings,
): void {
  const kinds = new Set(all.map(({ byProbability }) => byProbability))
  if (kinds.size > 1) findings.mistake(element, 'sessions have either probabilities or weights')
  phases.forEach(({ weights = {} }, at) => {
    const weighed = all.map(({ shared, session }) => ({
      weight: weights[shared.name] ?? shared.weight,
      runs: session !== undefined,
    }))
    const sum = weighed.reduce((total, { weight }) => total + weight, 0)
    if (kinds.has(true) && Math.abs(sum - 100) > probabilitySlack)
      findings.mistake(
        element,
        `in phase ${at + 1} the probabilities of sessions add up to ${sum}, and not to 100`,
      )
    if (!weighed.some(({ weight, runs }) => runs && weight > 0))
      findings.mistake(element, `in phase ${at + 1} no WebSocket session has any share`)
  })
}

/** Writes out the wildcards by which a phase can name sessions. */
export function expandWeights(
  phases: readonly ArrivalPhase[],
  names: readonly string[],
): readonly ArrivalPhase[] {
  return phases.map((phase) => {
    if (phase.weights === undefined) return phase
    const patterns = Object.entries(phase.weights)
    const weights = names.flatMap((name) => {
      const found = patterns.find(([pattern]) => matches(pattern, name))
      return found === undefined ? [] : [[name, found[1]] as const]
    })
    return { ...phase, weights: Object.fromEntries(weights) }
  })
}

/** Whether a name is what a pattern asks for, in which `*` stands for anything. No pattern makes this slow. */
function matches(pattern: string, name: string): boolean {
  const [first = '', ...others] = pattern.split('*')
  const last = others.pop()
  if (last === undefined) return name === pattern
  if (!name.startsWith(first)) return false
  let at = first.length
  for (const part of others) {
    const found = name.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return name.length - last.length >= at && name.endsWith(last)
}
