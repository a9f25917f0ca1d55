import {
  attributesOf,
  childrenOf,
  createFindings,
  type Finding,
  type Findings,
} from './findings.ts'
import { importLoad } from './import-load.ts'
import { importOptions } from './import-options.ts'
import { expandWeights, importSessions } from './import-sessions.ts'
import { parseXml, type XmlElement } from './parse-xml.ts'
import type { TsungClient, TsungScript, TsungServer } from './script.ts'

export type ImportedTsung =
  | {
      readonly script: TsungScript
      /** What could not be carried over, each with its line. */
      readonly notes: readonly string[]
    }
  | { readonly mistakes: readonly Finding[] }

/**
 * Reads the configuration of a Tsung run (versions 1.6 to 1.8, tsung-1.0.dtd) whose sessions are WebSocket sessions. Gives a script, and notes
 * about everything in it that the script does not have; or mistakes, each with its line. Sessions of other kinds are left out with a note.
 */
export function importTsung(xml: string): ImportedTsung {
  const parsed = parseXml(xml)
  if ('mistake' in parsed) return { mistakes: [parsed.mistake] }
  const { root } = parsed
  if (root.name !== 'tsung')
    return {
      mistakes: [
        {
          line: root.line,
          message: `this is no Tsung configuration: it begins with <${root.name}>`,
        },
      ],
    }
  const findings = createFindings()
  const script = importRoot(root, findings)
  const { mistakes, notes } = findings
  if (script === undefined || mistakes.length > 0) return { mistakes: inOrder(mistakes) }
  return { script, notes: inOrder(notes).map(({ line, message }) => `line ${line}: ${message}`) }
}

const inOrder = (found: readonly Finding[]): readonly Finding[] =>
  found.toSorted((a, b) => a.line - b.line)

const parts = ['clients', 'servers', 'load', 'options', 'sessions'] as const

function importRoot(root: XmlElement, findings: Findings): TsungScript | undefined {
  // What Tsung writes about itself is no part of the load.
  attributesOf(root, findings).rest(['loglevel', 'version', 'dumptraffic', 'backend', 'xmlns'])
  const children = childrenOf(root, parts, findings)
  const find = (name: (typeof parts)[number]): XmlElement | undefined =>
    children.find((child) => child.name === name)
  for (const name of ['servers', 'load', 'sessions'] as const)
    if (find(name) === undefined) findings.mistake(root, `<${name}> is missing`)
  const [load, sessions, servers] = [find('load'), find('sessions'), find('servers')]
  if (load === undefined || sessions === undefined || servers === undefined) return undefined

  const options = importOptions(find('options'), findings)
  const { phases, endsAfterMs } = importLoad(load, findings)
  const { ports, seed, connectTimeoutMs } = options
  const imported = importSessions(sessions, { think: options.think, phases }, findings)
  return {
    v: 1,
    servers: importServers(servers, findings),
    clients: importClients(find('clients'), ports, findings),
    phases: expandWeights(phases, imported.names),
    ...(endsAfterMs === undefined ? {} : { endsAfterMs }),
    ...(seed === undefined ? {} : { seed }),
    ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
    sessions: imported.sessions,
  }
}

function importServers(servers: XmlElement, findings: Findings): readonly TsungServer[] {
  const found = childrenOf(servers, ['server'], findings).flatMap((server) => {
    const attributes = attributesOf(server, findings)
    const host = attributes.text('host')
    const port = attributes.whole('port', 1)
    const type = attributes.text('type')
    const weight = attributes.number('weight', 0) ?? 1
    attributes.rest()
    if (host === undefined || host === '') findings.mistake(server, '<server> has no host')
    if (server.attributes['port'] === undefined) findings.mistake(server, '<server> has no port')
    if (port !== undefined && port > 65_535)
      findings.mistake(server, `port="${port}" of <server> is above 65535`)
    if (type !== 'tcp' && type !== 'tcp6' && type !== 'ssl' && type !== 'ssl6') {
      findings.mistake(
        server,
        `type="${type ?? ''}" of <server> must be tcp or ssl (or tcp6, ssl6) for WebSocket sessions`,
      )
    }
    if (host === undefined || port === undefined) return []
    return [{ host, port, tls: type === 'ssl' || type === 'ssl6', weight }]
  })
  if (servers.children.every(({ name }) => name !== 'server'))
    findings.mistake(servers, 'there is no <server>')
  return found
}

function importClients(
  clients: XmlElement | undefined,
  ports: TsungClient['ports'],
  findings: Findings,
): readonly TsungClient[] {
  if (clients === undefined) return []
  return childrenOf(clients, ['client'], findings).map((client) => {
    const attributes = attributesOf(client, findings)
    const host = attributes.text('host') ?? ''
    const usersMax = attributes.whole('maxusers', 1) ?? 800
    if (attributes.text('type') === 'batch')
      findings.note(client, 'clients of a batch system are not looked up; name them in hosts.txt')
    const cpus = attributes.whole('cpu', 1) ?? 1
    if (cpus > 1) findings.note(client, `cpu="${cpus}" of <client>: workers are chosen anew`)
    const weight = attributes.number('weight', 0) ?? 1
    if (weight !== 1) findings.note(client, `weight="${weight}" of <client> is not carried over`)
    attributes.rest(['use_controller_vm'])
    const addresses = childrenOf(client, ['ip'], findings).flatMap((ip) => {
      const of = attributesOf(ip, findings)
      const value = of.text('value') ?? ''
      const scan = of.text('scan') === 'true'
      of.rest()
      if (scan) findings.note(ip, `addresses of interface ${value} are not looked up`)
      return scan || value === '' ? [] : [value]
    })
    return { host, usersMax, addresses, ...(ports === undefined ? {} : { ports }) }
  })
}
