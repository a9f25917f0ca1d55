import { styleText } from 'node:util'
import { documentsPath, type RusherError } from '../../protocol/index.ts'
import type { Closed, Config, RusherServer } from '../../server/index.ts'

/** What `rusher serve` tells whoever started it: a banner and sentences, or one JSON line an event. */
export interface Reporter {
  listening(server: RusherServer, about: { readonly edges: number; readonly config: Config }): void
  restarting(error: RusherError): void
  draining(signal: string, sessions: number, spreadMs: number): void
  ended(closed: Closed): void
  failed(error: RusherError): void
}

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
    listening(server, { edges, config }) {
      const { url, port, durability } = server
      const storage = storageText(config)
      say('listening', {
        url,
        port,
        storage,
        durability,
        edges,
        sessionsMax: server.limits.sessionsMax,
        pid: process.pid,
      })
    },
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
  return {
    listening(server, about) {
      out.write(banner(server, about))
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
      if (unsaved === 0 && fault === undefined) out.write('Everything accepted is on disk. Bye.\n')
    },
    failed({ message }) {
      err.write(`rusher: ${message}\n`)
    },
  }
}

function banner(
  server: RusherServer,
  { edges, config }: { readonly edges: number; readonly config: Config },
): string {
  const url = styleText(['bold', 'cyan'], server.url ?? '')
  const faint = (text: string): string => styleText('dim', text)
  const kept =
    server.durability === 'disk'
      ? 'an acknowledged publish is on disk'
      : 'nothing survives a restart'
  const rows = [
    ['storage', `${storageText(config)} ${faint(`(${kept})`)}`],
    ['auth', authText(config)],
    [
      'documents',
      `${config.documents?.path ?? documentsPath} ${faint('(Hocuspocus; y-websocket below it)')}`,
    ],
    ['processes', edges === 0 ? 'one' : `one core, ${edges} ${edges === 1 ? 'edge' : 'edges'}`],
    ...(config.static === undefined ? [] : [['files', config.static]]),
    ['health', faint('/healthz  /readyz  /metrics')],
  ]
  const lines = rows.map(([name = '', value = '']) => `    ${faint(name.padEnd(10))} ${value}`)
  return `\n  ${styleText('bold', 'Rusher')} ${url}\n\n${lines.join('\n')}\n\n  ${faint('Ctrl-C ends it.')}\n\n`
}

function storageText({ storage }: Config): string {
  if (storage === undefined) return 'sqlite:./data/rusher.db'
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
