import { styleText } from 'node:util'
import { defaultLimits, documentsPath, type RusherError } from '../../protocol/index.ts'
import type {
  CapacityPlan,
  Closed,
  Config,
  Rolled,
  RollStep,
  RusherServer,
} from '../../server/index.ts'
import { defaultStorage } from '../../server/storage/storage-location.ts'
import { descriptorWarnings, planRows, processesText, type Row, warningLines } from './plan-text.ts'

/** What `rusher serve` tells whoever started it: a banner and sentences, or one JSON line an event. */
export interface Reporter {
  /** A plan that is only looked at. */
  planned(plan: CapacityPlan): void
  listening(server: RusherServer, about: About): void
  rolling(step: RollStep): void
  rolled(result: Rolled): void
  /** Asked to replace edges where there are none. */
  nothingToRoll(): void
  restarting(error: RusherError): void
  draining(signal: string, sessions: number, spreadMs: number): void
  ended(closed: Closed): void
  failed(error: RusherError): void
}

/** How the server was started. */
interface About {
  readonly edges: number
  readonly config: Config
  readonly plan: CapacityPlan | undefined
  /** Files that one process may open; undefined when the system does not report it. */
  readonly descriptorsMax: number | undefined
}

/** A banner stands well in 80 columns. */
const warningColumns = 74

interface Sink {
  write(text: string): unknown
}

export function createReporter(out: Sink, err: Sink, json: boolean): Reporter {
  return json ? jsonReporter(out, err) : textReporter(out, err)
}

function jsonReporter(out: Sink, err: Sink): Reporter {
  const say = (event: string, fields: object): void => {
    out.write(`${JSON.stringify({ event, ...fields, v: 1 })}\n`)
  }
  return {
    planned: (plan) => say('plan', plan),
    listening(server, { edges, config, plan, descriptorsMax }) {
      const { url, port, durability } = server
      const storage = storageText(config)
      say('listening', {
        url,
        port,
        ...(config.unixSocket === undefined ? {} : { unixSocket: config.unixSocket }),
        storage,
        durability,
        edges,
        sessionsMax: server.limits.sessionsMax,
        ...(descriptorsMax === undefined ? {} : { descriptorsMax }),
        pid: process.pid,
        ...(plan === undefined ? {} : { plan }),
      })
    },
    rolling: ({ kind, ...step }) => say('rolling', { step: kind, ...step }),
    rolled(result) {
      const { kind, ...told } = result
      if (kind === 'rolled') say('rolled', told)
      else if (kind === 'failed') say('roll-failed', faultOf(result.error))
    },
    nothingToRoll: () => say('roll-failed', { code: 'NO_EDGES', message: nothingToRoll }),
    restarting: ({ code, message }) => say('restarting', { code, message }),
    draining: (signal, sessions, spreadMs) => say('draining', { signal, sessions, spreadMs }),
    ended: ({ unsaved, unsavedDocuments, cutOff, fault }) =>
      say('ended', { unsaved, unsavedDocuments, cutOff, ...(fault && { fault: fault.code }) }),
    failed({ code, message }) {
      say('failed', { code, message })
      err.write(`rusher: ${message}\n`)
    },
  }
}

function textReporter(out: Sink, err: Sink): Reporter {
  let isOnDisk = false
  return {
    planned(plan) {
      const rows: readonly Row[] = [['processes', processesText(plan.edges)], ...planRows(plan)]
      out.write(`\n${linesOf(rows)}${warningsText(plan)}\n`)
    },
    listening(server, about) {
      isOnDisk = server.durability === 'disk'
      out.write(banner(server, about))
    },
    rolling(step) {
      out.write(`${stepText(step)}\n`)
    },
    rolled(result) {
      if (result.kind === 'failed') {
        err.write(
          `rusher: the edges were not replaced, and the old ones stay: ${result.error.message}\n`,
        )
      } else if (result.kind === 'rolled') {
        const left =
          result.cutOff === 0 ? '' : ` ${result.cutOff} sessions did not go and were cut off.`
        out.write(`All edges are new, after ${(result.tookMs / 1_000).toFixed(1)} s.${left}\n`)
      }
    },
    nothingToRoll() {
      err.write(`rusher: ${nothingToRoll}\n`)
    },
    restarting({ code, message }) {
      err.write(`rusher: ${message} (${code}). Starting again from what is on disk.\n`)
    },
    draining(signal, sessions, spreadMs) {
      const spread = spreadMs > 0 ? ` over ${spreadMs / 1_000} s` : ''
      out.write(
        `\n${signal}: sending ${sessions} ${sessions === 1 ? 'session' : 'sessions'} away${spread}. Again to end at once.\n`,
      )
    },
    ended({ unsaved, unsavedDocuments, cutOff, fault }) {
      if (cutOff > 0) err.write(`rusher: ${cutOff} sessions were still open and were cut off.\n`)
      if (unsaved > 0)
        err.write(
          `rusher: ${unsaved} publishes and updates were not seen to be saved; their clients were not told they were.\n`,
        )
      if (unsavedDocuments.length > 0)
        err.write(
          `rusher: documents with such updates: ${unsavedDocuments.slice(0, 20).join(', ')}\n`,
        )
      if (fault !== undefined)
        err.write(`rusher: storage did not close in order: ${fault.message}\n`)
      if (unsaved === 0 && fault === undefined)
        out.write(isOnDisk ? 'Everything accepted is on disk. Bye.\n' : 'Bye.\n')
    },
    failed({ message }) {
      err.write(`rusher: ${message}\n`)
    },
  }
}

const nothingToRoll =
  'SIGHUP replaces edge processes, and this server has none: start it with --edges 2 or more, or restart it'

function faultOf({ code, message }: RusherError): object {
  return { code, message }
}

function stepText(step: RollStep): string {
  switch (step.kind) {
    case 'started':
      return `SIGHUP: new edge ${step.edge} of ${step.edges} listens (pid ${step.pid}).`
    case 'draining':
      return `${counted(step.sessions, 'session moves', 'sessions move')} from ${counted(step.edges, 'old edge', 'old edges')} over ${step.spreadMs / 1_000} s.`
    default:
      return step satisfies never
  }
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}

function warningsText(plan: Pick<CapacityPlan, 'warnings'>): string {
  const lines = warningLines(plan, warningColumns)
  return lines.map((line) => `    ${styleText('yellow', line)}\n`).join('')
}

function linesOf(rows: readonly Row[]): string {
  return rows.map(([name, value]) => `    ${styleText('dim', name.padEnd(10))} ${value}\n`).join('')
}

/** A capacity plan already contains its own descriptor warnings. */
function warningsOf({ limits }: RusherServer, { edges, config, plan, descriptorsMax }: About) {
  const sessionsWanted = config.limits?.sessionsMax ?? defaultLimits.sessionsMax
  const { sessionsMax } = limits
  return (
    plan ?? { warnings: descriptorWarnings({ sessionsMax, sessionsWanted, edges, descriptorsMax }) }
  )
}

function banner(server: RusherServer, about: About): string {
  const { edges, config, plan } = about
  const url = styleText(['bold', 'cyan'], server.url ?? config.unixSocket ?? '')
  const faint = (text: string): string => styleText('dim', text)
  const kept =
    server.durability === 'disk'
      ? 'an acknowledged publish is on disk'
      : 'nothing survives a restart'
  const rows: readonly Row[] = [
    ['storage', `${storageText(config)} ${faint(`(${kept})`)}`],
    ['auth', authText(config)],
    [
      'documents',
      `${config.documents?.path ?? documentsPath} ${faint('(Hocuspocus; y-websocket below it)')}`,
    ],
    ['processes', processesText(edges)],
    ...(plan === undefined ? [] : planRows(plan)),
    ...(config.static === undefined ? [] : [['static', config.static] as const]),
    ['health', faint('/healthz  /readyz  /metrics')],
  ]
  const ends = edges === 0 ? 'Ctrl-C ends it.' : 'Ctrl-C ends it, SIGHUP replaces its edges.'
  return `\n  ${styleText('bold', 'Rusher')} ${url}\n\n${linesOf(rows)}${warningsText(warningsOf(server, about))}\n  ${faint(ends)}\n\n`
}

function storageText({ storage }: Config): string {
  if (storage === undefined) return defaultStorage
  return typeof storage === 'string' ? storage : 'custom'
}

function authText({ auth, host }: Config): string {
  if (auth !== undefined && auth !== 'open') return 'identify' in auth ? 'custom' : 'signed tokens'
  const reachable = host !== undefined && !['127.0.0.1', '::1', 'localhost'].includes(host)
  const warning = 'open: everybody is who they say they are'
  return reachable
    ? styleText('yellow', `${warning}, and this address is reachable from elsewhere`)
    : warning
}
