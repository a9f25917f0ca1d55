import { RusherError } from '../../src/protocol/index.ts'
import type {
  ArrivalPhase,
  ConnectStep,
  MessageStep,
  ThinkStep,
  TsungClient,
  TsungScript,
  TsungSession,
  TsungStep,
  TsungText,
  TsungValue,
} from './script.ts'

/** What a real run of Tsung needs beside the script. */
export interface TsungSetting {
  /** All users on the machine that the controller runs on, without ssh; the script's clients are left out. */
  readonly oneMachine?: { readonly usersMax: number }
  /** Instead of the script's servers. */
  readonly target?: { readonly host: string; readonly port: number }
  /** Where tsung-1.0.dtd is; Tsung validates against it. */
  readonly dtd?: string
}

const usualDtd = '/usr/share/tsung/tsung-1.0.dtd'

/**
 * Writes a script as a configuration that Tsung 1.7 takes. Think times are written in seconds, and those between two bounds in whole ones,
 * since Tsung knows no finer ones. Throws a `RusherError` (`USAGE`) for what Tsung cannot say: headers of a connect.
 */
export function writeTsung(script: TsungScript, setting: TsungSetting = {}): string {
  const { endsAfterMs, phases, sessions } = script
  const servers =
    setting.target === undefined ? script.servers : [{ ...setting.target, tls: false, weight: 1 }]
  const end = endsAfterMs === undefined ? {} : { duration: seconds(endsAfterMs), unit: 'second' }
  const root = element('tsung', { loglevel: 'notice', version: '1.0' }, [
    element('clients', {}, clientsOf(script, setting)),
    element(
      'servers',
      {},
      servers.map(({ host, port, tls, weight }) =>
        element('server', { host, port, type: tls ? 'ssl' : 'tcp', weight }),
      ),
    ),
    element('load', end, phases.map(writePhase)),
    element('options', {}, optionsOf(script)),
    element(
      'sessions',
      {},
      sessions.map((session) => writeSession(session, servers[0]?.host ?? 'localhost')),
    ),
  ])
  const doctype = `<!DOCTYPE tsung SYSTEM "${escapeAttribute(setting.dtd ?? usualDtd)}">`
  return `<?xml version="1.0"?>\n${doctype}\n${indent(root, 0)}\n`
}

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string | number>>
  readonly children: readonly Element[] | string
}

function element(
  name: string,
  attributes: Element['attributes'],
  children: Element['children'] = [],
): Element {
  return { name, attributes, children }
}

function indent({ name, attributes, children }: Element, depth: number): string {
  const space = '  '.repeat(depth)
  const head = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeAttribute(String(value))}"`)
    .join('')
  if (children.length === 0) return `${space}<${name}${head}/>`
  const inner =
    typeof children === 'string'
      ? escapeText(children)
      : `\n${children.map((child) => indent(child, depth + 1)).join('\n')}\n${space}`
  return `${space}<${name}${head}>${inner}</${name}>`
}

function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\r\n\t]/g, (char) => `&#${char.charCodeAt(0)};`)
}

function escapeAttribute(value: string): string {
  return escapeText(value).replaceAll('"', '&quot;')
}

const seconds = (ms: number): number => ms / 1_000

function clientsOf(script: TsungScript, { oneMachine }: TsungSetting): readonly Element[] {
  if (oneMachine !== undefined)
    return [
      element('client', {
        host: 'localhost',
        maxusers: oneMachine.usersMax,
        use_controller_vm: 'true',
      }),
    ]
  return script.clients.map(({ host, usersMax, addresses }: TsungClient) =>
    element(
      'client',
      { host, maxusers: usersMax },
      addresses.map((value) => element('ip', { value })),
    ),
  )
}

function optionsOf({ clients, seed, connectTimeoutMs }: TsungScript): readonly Element[] {
  const ports = clients.find((client) => client.ports !== undefined)?.ports
  return [
    ...(ports === undefined
      ? []
      : [element('option', { name: 'ports_range', min: ports[0], max: ports[1] })]),
    ...(seed === undefined ? [] : [element('option', { name: 'seed', value: seed })]),
    ...(connectTimeoutMs === undefined
      ? []
      : [element('option', { name: 'connect_timeout', value: connectTimeoutMs })]),
  ]
}

function writePhase(
  { durationMs, usersPerSecond, usersMax, weights = {} }: ArrivalPhase,
  at: number,
): Element {
  const max = usersMax === undefined ? {} : { maxnumber: usersMax }
  return element('arrivalphase', { phase: at + 1, duration: durationMs, unit: 'millisecond' }, [
    ...Object.entries(weights).map(([name, weight]) => element('session_setup', { name, weight })),
    element('users', { ...max, arrivalrate: usersPerSecond, unit: 'second' }),
  ])
}

function writeSession({ name, weight, steps }: TsungSession, host: string): Element {
  return element(
    'session',
    { name, weight, type: 'ts_websocket' },
    steps.map((step, at) => writeStep(step, `i${at}`, host)),
  )
}

/**
 * `loop` names the counter of a loop that has none of its own: nested ones must not share it. `host` is that of the server.
 */
function writeStep(step: TsungStep, loop: string, host: string): Element {
  switch (step.kind) {
    case 'connect':
      return request([step.path], writeConnect(step, host))
    case 'message':
      return request([step.text], writeMessage(step))
    case 'close':
      return request([], element('websocket', { type: 'close' }))
    case 'think':
    case 'think_between':
      return element('thinktime', thinkOf(step))
    case 'hear':
      return element('thinktime', { value: 'wait_bidi' })
    case 'set':
      return element(
        'setdynvars',
        sourceOf(step.value),
        step.variables.map((name) => element('var', { name })),
      )
    case 'repeat': {
      const { variable, from, step: incr } = step.counter ?? { variable: loop, from: 1, step: 1 }
      const to = from + (step.times - 1) * incr
      return element(
        'for',
        { var: variable, from, to, incr },
        step.steps.map((inner, at) => writeStep(inner, `${loop}_${at}`, host)),
      )
    }
    default:
      return step satisfies never
  }
}

function request(texts: readonly TsungText[], websocket: Element): Element {
  const subst = texts.some((text) => text.some((part) => typeof part !== 'string'))
  return element('request', subst ? { subst: 'true' } : {}, [websocket])
}

function writeConnect({ path, subprotocols, origin, headers }: ConnectStep, host: string): Element {
  if (headers !== undefined)
    throw new RusherError(
      'USAGE',
      `Tsung 1.7 sends no headers of one's own; take ${headers.map(({ name }) => name).join(', ')} out of the connect step`,
    )
  return element('websocket', {
    type: 'connect',
    path: written(path),
    ...(subprotocols === undefined ? {} : { subprotocols }),
    // Without one Tsung sends the bare host, which is no origin (RFC 6454) and is refused by who looks at it.
    origin: origin ?? `http://${host}`,
  })
}

function writeMessage({ text, frame, awaitsAnswer }: MessageStep): Element {
  const ack = awaitsAnswer ? {} : { ack: 'no_ack' }
  return element('websocket', { type: 'message', frame, ...ack }, written(text))
}

function written(text: TsungText): string {
  return text.map((part) => (typeof part === 'string' ? part : `%%_${part.variable}%%`)).join('')
}

function thinkOf(step: ThinkStep): Element['attributes'] {
  if (step.kind === 'think')
    return { value: seconds(step.meanMs), random: String(step.exponential) }
  const min = Math.max(1, Math.round(seconds(step.fromMs)))
  return { min, max: Math.max(min + 1, Math.round(seconds(step.toMs))) }
}

function sourceOf(value: TsungValue): Element['attributes'] {
  switch (value.kind) {
    case 'text':
      return { sourcetype: 'value', value: value.text }
    case 'random_text':
      return { sourcetype: 'random_string', length: value.chars }
    case 'random_number':
      return { sourcetype: 'random_number', start: value.from, end: value.to }
    case 'user_number':
      return { sourcetype: 'erlang', callback: 'ts_user_server:get_unique_id' }
    default:
      return value satisfies never
  }
}
