import type { Cause } from '../ledger/ledger.ts'
import { stages } from '../ledger/ledger.ts'
import {
  type Fields,
  hasNumbers,
  isAbsentOr,
  isListOf,
  isNumber,
  isObject,
  isRecordOf,
  isText,
  isWhole,
} from './checks.ts'
import type { HostFacts } from './messages.ts'
import { type FromRunner, latencyKinds, noCounters, type Tick } from './messages.ts'
import { isHistoryPart } from './parse-history.ts'

/*
 * What comes from another machine is looked at field by field: a thousand workers send a thousand of these a second, so there is no schema
 * and nothing is copied. What has more fields than it should is taken, since nobody reads them.
 */

/** What a runner says: the message, or what it was instead, in words to stand behind `sent`. */
export function parseFromRunner(line: string): FromRunner | { readonly refused: string } {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    if (error instanceof SyntaxError) return { refused: `something that is no JSON: ${cut(line)}` }
    throw error
  }
  if (isFromRunner(value)) return value
  const type = isObject(value) ? String(value['type']) : 'none'
  return { refused: `no valid message (type ${cut(type)}): ${cut(line)}` }
}

function cut(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}...` : text
}

function isFromRunner(value: unknown): value is FromRunner {
  if (!isObject(value)) return false
  const { type, worker } = value
  switch (type) {
    case 'hello':
      return isText(value['bundle']) && isFacts(value['facts'])
    case 'clock':
      return isWhole(value['no']) && isNumber(value['at']) && isNumber(value['wallMs'])
    case 'fault':
      return isText(value['message'])
    case 'prepared':
      return isWhole(worker) && isWhole(value['pid'])
    case 'tick':
      return isWhole(worker) && isTick(value)
    case 'example':
      return isWhole(worker) && isExample(value['example'])
    case 'history':
      return isWhole(worker) && isHistoryPart(value['part'])
    case 'done':
      return (
        isWhole(worker) && typeof value['whole'] === 'boolean' && isListOf(value['faults'], isText)
      )
    case 'worker_died':
      return isWhole(worker) && isText(value['how'])
    default:
      return false
  }
}

const counterNames = Object.keys(noCounters)
const healthNames = [
  'loopUse',
  'loopDelayP99Ms',
  'loopDelayMaxMs',
  'lagP99Ms',
  'cpu',
  'gcMs',
  'rssBytes',
  'descriptors',
  'descriptorsMax',
] as const satisfies readonly (keyof Tick['health'])[]
const healthNamesOptional = [
  'portsLeft',
  'pssBytes',
  'signs',
  'steal',
  'pressure',
] as const satisfies readonly (keyof Tick['health'])[]
const reached = ['socket', 'tcp', 'ws', 'ready'] as const

function isTick({ at, ledger, histograms, counters, health, held }: Fields): boolean {
  return (
    isNumber(at) &&
    isLedger(ledger) &&
    isObject(histograms) &&
    isHistograms(histograms) &&
    hasNumbers(counters, counterNames) &&
    hasNumbers(health, healthNames) &&
    healthNamesOptional.every((name) => isAbsentOr(health[name], isNumber)) &&
    isAbsentOr(held, isWhole)
  )
}

function isLedger(value: unknown): boolean {
  return (
    isObject(value) &&
    isWhole(value['scheduled']) &&
    isWhole(value['alive']) &&
    isWhole(value['closed']) &&
    isWhole(value['lost']) &&
    hasNumbers(value['reached'], reached) &&
    hasNumbers(value['now'], stages) &&
    isObject(value['failed']) &&
    Object.entries(value['failed']).every(([cause, count]) => isCause(cause) && isWhole(count))
  )
}

const kinds: ReadonlySet<string> = new Set(latencyKinds)

function isHistograms(value: Fields): boolean {
  for (const kind in value) {
    if (!kinds.has(kind)) return false
    const histogram = value[kind]
    if (!isObject(histogram) || !isWhole(histogram['n']) || !isNumber(histogram['max']))
      return false
    const { buckets } = histogram
    if (!Array.isArray(buckets) || buckets.length % 2 !== 0) return false
    for (const each of buckets) if (!isWhole(each)) return false
    if (!isAbsentOr(histogram['open'], isOpenWaits)) return false
  }
  return true
}

function isOpenWaits(value: unknown): boolean {
  return isObject(value) && isWhole(value['n']) && isNumber(value['min'])
}

type NamedCause = Exclude<Cause, `http_${number}` | `closed_${number}`>

const namedCauses: Readonly<Record<NamedCause, true>> = {
  src_ports: true,
  emfile: true,
  enfile: true,
  refused: true,
  unreachable: true,
  reset_before_upgrade: true,
  connect_timeout: true,
  upgrade_timeout: true,
  ready_timeout: true,
  idle_timeout: true,
  bad_accept: true,
  tls: true,
  dns: true,
  protocol: true,
  refused_by_server: true,
  enobufs: true,
  enomem: true,
  reset: true,
  worker_died: true,
  other: true,
}

function isCause(value: unknown): value is Cause {
  return (
    isText(value) &&
    (Object.hasOwn(namedCauses, value) || /^(?:http_\d{1,3}|closed_\d{1,5})$/.test(value))
  )
}

function isExample(value: unknown): boolean {
  return (
    isObject(value) &&
    isCause(value['cause']) &&
    isNumber(value['wallMs']) &&
    isText(value['to']) &&
    isText(value['raw']) &&
    isAbsentOr(value['from'], isText)
  )
}

const factTexts = [
  'hostname',
  'system',
  'kernel',
  'arch',
  'cpu',
  'node',
] as const satisfies readonly (keyof HostFacts)[]
const factNumbers = [
  'cores',
  'memoryBytes',
  'freeBytes',
  'descriptorsMax',
  'loadAverage',
] as const satisfies readonly (keyof HostFacts)[]

function isFacts(value: unknown): value is HostFacts {
  return (
    isObject(value) &&
    factTexts.every((name) => isText(value[name])) &&
    hasNumbers(value, factNumbers) &&
    isRecordOf(value['versions'], isText) &&
    isRecordOf(value['sysctls'], isText) &&
    isListOf(value['addresses'], isText) &&
    isAbsentOr(value['interfaces'], (all) =>
      isRecordOf(all, (addresses) => isListOf(addresses, isText)),
    ) &&
    isAbsentOr(value['clockSource'], isText) &&
    isAbsentOr(value['virtualization'], isText) &&
    ['pressure', 'timeWait', 'conntrack'].every((name) => isAbsentOr(value[name], isNumber))
  )
}
