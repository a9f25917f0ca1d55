import { type Attributes, attributesOf, childrenOf, type Findings } from './findings.ts'
import type { XmlElement } from './parse-xml.ts'
import type { TsungStep, TsungValue } from './script.ts'

/** Longest random text, in characters. */
const charsMax = 1_000_000

/** Reads where variables get their values from. Sources that a script does not have are noted, and give no step. */
export function importSetDynvars(element: XmlElement, findings: Findings): readonly TsungStep[] {
  const attributes = attributesOf(element, findings)
  const source = attributes.text('sourcetype') ?? ''
  const variables = childrenOf(element, ['var'], findings).flatMap((variable) => {
    const name = variable.attributes['name'] ?? ''
    if (name === '') findings.mistake(variable, '<var> has no name')
    return name === '' ? [] : [name]
  })
  const value = readValue(element, source, attributes, findings)
  if (value === undefined) {
    findings.note(
      element,
      `values of source "${source}" are not carried over; ${variables.join(', ')} stays without a value`,
    )
    return []
  }
  attributes.rest()
  return variables.length === 0 ? [] : [{ kind: 'set', variables, value }]
}

function readValue(
  element: XmlElement,
  source: string,
  attributes: Attributes,
  findings: Findings,
): TsungValue | undefined {
  switch (source) {
    case 'random_string':
    case 'urandom_string': {
      const chars = attributes.whole('length', 1) ?? 20
      if (chars > charsMax)
        findings.mistake(element, `length="${chars}" is more than ${charsMax} characters`)
      if (source === 'urandom_string')
        findings.note(
          element,
          'urandom_string: every drawing is a random one, where Tsung repeats itself',
        )
      return { kind: 'random_text', chars }
    }
    case 'random_number': {
      const from = attributes.whole('start') ?? 1
      const to = attributes.whole('end') ?? 10
      if (from > to) findings.mistake(element, `there is no number from ${from} to ${to}`)
      return { kind: 'random_number', from, to }
    }
    case 'value':
      return { kind: 'text', text: attributes.text('value') ?? '' }
    case 'erlang': {
      const callback = attributes.text('callback')
      return callback === 'ts_user_server:get_unique_id' ||
        callback === 'ts_user_server:get_really_unique_id'
        ? { kind: 'user_number' }
        : undefined
    }
    default:
      return undefined
  }
}
