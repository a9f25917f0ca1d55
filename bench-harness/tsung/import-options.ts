import { attributesOf, childrenOf, type Findings } from './findings.ts'
import type { XmlElement } from './parse-xml.ts'
import type { ThinkStep, TsungClient } from './script.ts'

/** What `<option name="thinktime">` says, and what Tsung does without it. */
export interface ThinkDefaults {
  readonly meanMs: number
  readonly exponential: boolean
  readonly between?: ThinkStep
  /** They hold for every think time, whatever it says itself. */
  readonly override: boolean
}

export interface TsungOptions {
  readonly think: ThinkDefaults
  readonly ports?: NonNullable<TsungClient['ports']>
  readonly seed?: number
  readonly connectTimeoutMs?: number
}

/** What Tsung takes where a configuration says nothing. */
const tsungThink: ThinkDefaults = { meanMs: 5_000, exponential: false, override: false }

export function importOptions(options: XmlElement | undefined, findings: Findings): TsungOptions {
  let found: TsungOptions = { think: tsungThink }
  if (options === undefined) return found
  for (const option of childrenOf(options, ['option'], findings))
    found = { ...found, ...importOption(option, findings) }
  return found
}

/** Why an option stays behind, where more can be said than that. */
const leftBehind: Readonly<Record<string, string>> = {
  max_retries: 'a connection that fails is counted, and never tried again in silence',
  retry_timeout: 'a connection that fails is counted, and never tried again in silence',
  websocket_path: 'it is for XMPP over WebSocket; sessions here name their path in <websocket>',
  websocket_frame: 'it is for XMPP over WebSocket; sessions here name their frames in <websocket>',
  websocket_origin: 'it is for XMPP over WebSocket; sessions here name it in <websocket>',
  websocket_subprotocols: 'it is for XMPP over WebSocket; sessions here name it in <websocket>',
  file_server: 'files with values are not read',
  local_file_server: 'files with values are not read',
  idle_timeout: 'the limits on waiting are those of the plan',
  global_ack_timeout: 'the limits on waiting are those of the plan',
}

function importOption(option: XmlElement, findings: Findings): Partial<TsungOptions> {
  const attributes = attributesOf(option, findings)
  const name = attributes.text('name') ?? ''
  switch (name) {
    case 'thinktime':
      return { think: importThinkDefaults(option, findings) }
    case 'ports_range': {
      const first = attributes.whole('min', 1) ?? 1_025
      const last = attributes.whole('max', 1) ?? 65_534
      const off = attributes.word('value', ['on', 'off']) === 'off'
      attributes.rest()
      if (first > last || last > 65_535)
        findings.mistake(option, `ports_range from ${first} to ${last} is no range of ports`)
      return off ? {} : { ports: [first, last] }
    }
    case 'seed': {
      const seed = attributes.whole('value', 0)
      return seed === undefined ? {} : { seed }
    }
    case 'connect_timeout': {
      const connectTimeoutMs = attributes.whole('value', 1)
      return connectTimeoutMs === undefined ? {} : { connectTimeoutMs }
    }
    default: {
      const why = Object.hasOwn(leftBehind, name) ? leftBehind[name] : undefined
      findings.note(
        option,
        `option ${name} is not carried over${why === undefined ? '' : `: ${why}`}`,
      )
      return {}
    }
  }
}

function importThinkDefaults(option: XmlElement, findings: Findings): ThinkDefaults {
  const attributes = attributesOf(option, findings)
  const meanS = attributes.number('value', 0)
  const [fromS, toS] = [attributes.whole('min', 0), attributes.whole('max', 0)]
  const exponential = attributes.word('random', ['true', 'false']) === 'true'
  const override = attributes.word('override', ['true', 'false']) === 'true'
  attributes.text('name')
  attributes.rest(['type', 'id'])
  if ((fromS === undefined) !== (toS === undefined) || (fromS ?? 0) > (toS ?? 0))
    findings.mistake(option, 'thinktime needs a min and a max that is not below it, or neither')
  return {
    meanMs: meanS === undefined ? tsungThink.meanMs : meanS * 1_000,
    exponential,
    override,
    ...(fromS === undefined || toS === undefined
      ? {}
      : { between: { kind: 'think_between', fromMs: fromS * 1_000, toMs: toS * 1_000 } }),
  }
}
