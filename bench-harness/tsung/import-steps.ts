import { attributesOf, type Findings } from './findings.ts'
import type { ThinkDefaults } from './import-options.ts'
import { importSetDynvars } from './import-values.ts'
import type { XmlElement } from './parse-xml.ts'
import { type TsungStep, type TsungText, userNumberVariable } from './script.ts'

/** Times that one loop may go round; beyond it a configuration is taken for a mistake. */
const timesMax = 1_000_000_000

/** Reads what a session, or a part of one, does. What it does that no script can say is noted. */
export function importSteps(
  element: XmlElement,
  think: ThinkDefaults,
  findings: Findings,
): readonly TsungStep[] {
  return element.children.flatMap((child) => importStep(child, think, findings))
}

function importStep(
  element: XmlElement,
  think: ThinkDefaults,
  findings: Findings,
): readonly TsungStep[] {
  switch (element.name) {
    case 'request':
      return importRequest(element, findings)
    case 'thinktime':
      return importThink(element, think, findings)
    case 'setdynvars':
      return importSetDynvars(element, findings)
    case 'for':
      return importFor(element, think, findings)
    case 'transaction':
      findings.note(
        element,
        `the time of transaction "${element.attributes['name'] ?? ''}" is not measured by itself; its steps are carried over`,
      )
      return importSteps(element, think, findings)
    case 'repeat':
      findings.note(
        element,
        'the condition of <repeat> depends on answers and is not looked at; its steps are done once',
      )
      return importSteps(
        { ...element, children: element.children.filter(({ name }) => !isCondition(name)) },
        think,
        findings,
      )
    case 'if':
    case 'foreach':
      findings.note(
        element,
        `<${element.name}> depends on answers; it is left out with all that is in it`,
      )
      return []
    default:
      findings.note(element, `<${element.name}> is not carried over`)
      return []
  }
}

const isCondition = (name: string): boolean => name === 'while' || name === 'until'

function importFor(
  element: XmlElement,
  think: ThinkDefaults,
  findings: Findings,
): readonly TsungStep[] {
  const attributes = attributesOf(element, findings)
  const variable = attributes.text('var') ?? ''
  const steps = importSteps(element, think, findings)
  const computed = ['from', 'to'].some((name) => element.attributes[name]?.includes('%%') === true)
  if (computed) {
    findings.note(
      element,
      'a <for> whose bounds are variables is not counted; its steps are done once',
    )
    return steps
  }
  const from = attributes.whole('from')
  const to = attributes.whole('to')
  const step = attributes.whole('incr', 1) ?? 1
  attributes.rest()
  if (element.attributes['from'] === undefined || element.attributes['to'] === undefined)
    findings.mistake(element, '<for> needs a from and a to')
  if (from === undefined || to === undefined) return []
  // Tsung looks at the counter after the steps: they are done at least once.
  const times = Math.max(1, Math.ceil((to - from) / step) + 1)
  if (times > timesMax) findings.mistake(element, `<for> goes round more than ${timesMax} times`)
  const counter = variable === '' ? {} : { counter: { variable, from, step } }
  return steps.length === 0 ? [] : [{ kind: 'repeat', times, ...counter, steps }]
}

function importThink(
  element: XmlElement,
  defaults: ThinkDefaults,
  findings: Findings,
): readonly TsungStep[] {
  const attributes = attributesOf(element, findings)
  const value = attributes.text('value')
  if (value === 'wait_bidi') return [{ kind: 'hear' }]
  if (value === 'wait_global') {
    findings.note(element, 'users do not wait for all others to have connected (wait_global)')
    return []
  }
  const usual: TsungStep = defaults.between ?? {
    kind: 'think',
    meanMs: defaults.meanMs,
    exponential: defaults.exponential,
  }
  if (value?.startsWith('%%') === true) {
    findings.note(element, `think time ${value} is a variable; ${saidOf(usual)} instead`)
    return [usual]
  }
  if (defaults.override) return [usual]
  const meanS = attributes.number('value', 0)
  const [fromS, toS] = [attributes.whole('min', 0), attributes.whole('max', 0)]
  const random = attributes.word('random', ['true', 'false'])
  attributes.rest()
  if ((fromS === undefined) !== (toS === undefined) || (fromS ?? 0) > (toS ?? 0)) {
    findings.mistake(element, '<thinktime> needs a min and a max that is not below it, or neither')
    return []
  }
  if (fromS !== undefined && toS !== undefined) {
    if (value !== undefined)
      findings.mistake(element, '<thinktime> has a value, and a min and a max')
    return [{ kind: 'think_between', fromMs: fromS * 1_000, toMs: toS * 1_000 }]
  }
  if (meanS === undefined && random === undefined) return [usual]
  return [
    {
      kind: 'think',
      meanMs: meanS === undefined ? defaults.meanMs : meanS * 1_000,
      exponential: random === undefined ? defaults.exponential : random === 'true',
    },
  ]
}

function saidOf(step: TsungStep): string {
  return step.kind === 'think' ? `${step.meanMs} ms` : 'the usual time'
}

function importRequest(element: XmlElement, findings: Findings): readonly TsungStep[] {
  const attributes = attributesOf(element, findings)
  const subst = attributes.text('subst') === 'true'
  attributes.rest(['tag'])
  return element.children.flatMap((child): readonly TsungStep[] => {
    switch (child.name) {
      case 'websocket':
        return importWebSocket(child, subst, findings)
      case 'dyn_variable':
        findings.note(
          child,
          `variable "${child.attributes['name'] ?? ''}" is read from an answer; it stays without a value`,
        )
        return []
      case 'match':
        findings.note(child, 'answers are not looked at, so that <match> is left out')
        return []
      default:
        findings.note(child, `a request of <${child.name}> is left out`)
        return []
    }
  })
}

function importWebSocket(
  element: XmlElement,
  subst: boolean,
  findings: Findings,
): readonly TsungStep[] {
  const attributes = attributesOf(element, findings)
  const read = (text: string): TsungText => (subst ? parseText(text, element, findings) : [text])
  const type = attributes.word('type', ['connect', 'message', 'close'])
  switch (type) {
    case 'close':
      attributes.rest(['ack', 'path', 'frame'])
      return [{ kind: 'close' }]
    case 'connect': {
      const path = attributes.text('path') ?? '/'
      const subprotocols = attributes.text('subprotocols') ?? ''
      const origin = attributes.text('origin') ?? ''
      const headers = importHeaders(element, read, findings)
      attributes.rest(['ack', 'frame'])
      if (!path.startsWith('/') && !path.startsWith('%%'))
        findings.mistake(element, `path="${path}" of <websocket> must begin with /`)
      return [
        {
          kind: 'connect',
          path: read(path),
          ...(subprotocols === '' ? {} : { subprotocols }),
          ...(origin === '' ? {} : { origin }),
          ...(headers.length === 0 ? {} : { headers }),
        },
      ]
    }
    case 'message': {
      const ack = attributes.word('ack', ['parse', 'local', 'global', 'no_ack']) ?? 'parse'
      const frame = attributes.word('frame', ['text', 'binary']) ?? 'binary'
      attributes.rest(['path', 'origin', 'subprotocols'])
      if (ack === 'global')
        findings.note(element, 'ack="global": users wait for their own answer, not for all others')
      // Spaces, and nothing but spaces, are cut off by Tsung.
      const text = element.text.replace(/^ +| +$/g, '')
      return [{ kind: 'message', text: read(text), frame, awaitsAnswer: ack !== 'no_ack' }]
    }
    default:
      if (element.attributes['type'] === undefined)
        findings.mistake(element, '<websocket> has no type')
      return []
  }
}

function importHeaders(
  element: XmlElement,
  read: (text: string) => TsungText,
  findings: Findings,
): readonly { readonly name: string; readonly value: TsungText }[] {
  return element.children.flatMap((child) => {
    if (child.name !== 'http_header') {
      findings.note(child, `<${child.name}> in <websocket> is not carried over`)
      return []
    }
    const attributes = attributesOf(child, findings)
    const name = attributes.text('name') ?? ''
    const value = attributes.text('value') ?? ''
    attributes.rest()
    // Whatever else stood here would end up as lines of the request.
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name) || /[\r\n\0]/.test(value)) {
      findings.mistake(child, `"${name}" is no header that can be sent`)
      return []
    }
    return [{ name, value: read(value) }]
  })
}

/** Finds `%%_variable%%` and `%%module:function%%` in a text. */
function parseText(text: string, element: XmlElement, findings: Findings): TsungText {
  return text.split(/(%%[^%]+%%)/).flatMap((part): TsungText => {
    const name = /^%%([^%]+)%%$/.exec(part)?.[1]
    if (name === undefined) return part === '' ? [] : [part]
    if (name.startsWith('_')) return [{ variable: name.slice(1) }]
    if (name === 'ts_user_server:get_unique_id') return [{ variable: userNumberVariable }]
    findings.note(element, `%%${name}%% calls a function of Erlang; nothing is put in its place`)
    return []
  })
}
