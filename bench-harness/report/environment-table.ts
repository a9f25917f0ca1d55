import type { Environment } from '../bundle/bundle.ts'
import type { HostFacts } from '../control/messages.ts'
import { bytesText, countText, msText } from './figures.ts'
import { type Html, html } from './html.ts'
import { type Cell, table } from './table.ts'

/** What is compared of a machine, by name. */
export function factsOf(facts: HostFacts): Record<string, string> {
  const optional = (name: string, value: string | number | undefined) =>
    value === undefined ? {} : { [name]: String(value) }
  return {
    system: facts.system,
    kernel: facts.kernel,
    architecture: facts.arch,
    processor: facts.cpu,
    processors: countText(facts.cores),
    memory: bytesText(facts.memoryBytes),
    Node: facts.node,
    ...Object.fromEntries(
      ['v8', 'uv', 'openssl'].flatMap((name) =>
        facts.versions[name] === undefined ? [] : [[name, facts.versions[name]]],
      ),
    ),
    'open files, most': countText(facts.descriptorsMax),
    ...optional('clock source', facts.clockSource),
    ...optional('virtualization', facts.virtualization),
    ...Object.fromEntries(Object.entries(facts.sysctls).filter(([name]) => !isReading(name))),
  }
}

/** Names under /proc/sys that are no setting, but a count of now. */
function isReading(name: string): boolean {
  return /-nr$|-state$|_count$/.test(name)
}

/** What was so at that moment, and is different each time. */
function momentsOf(facts: HostFacts): Record<string, string> {
  return {
    'memory free': bytesText(facts.freeBytes),
    'load average': String(facts.loadAverage),
    ...Object.fromEntries(Object.entries(facts.sysctls).filter(([name]) => isReading(name))),
    ...(facts.pressure === undefined ? {} : { 'CPU pressure': `${facts.pressure} %` }),
    ...(facts.timeWait === undefined ? {} : { 'sockets in TIME_WAIT': countText(facts.timeWait) }),
    ...(facts.conntrack === undefined ? {} : { 'tracked connections': countText(facts.conntrack) }),
  }
}

/** Machines side by side. A row whose client hosts are not all the same is marked, since connections are dealt out evenly among them. */
export function environmentTable({ controller, hosts, server }: Environment): Html {
  const columns = [...hosts.map(({ facts }) => facts), controller]
  const rows = [
    ...rowsOf(columns.map(factsOf), hosts.length, true),
    ...rowsOf(columns.map(momentsOf), hosts.length, false),
    clockRow(
      'clock off by',
      hosts,
      ({ clockOffMs, clockErrorMs }) => `${msText(clockOffMs)} ± ${msText(clockErrorMs)}`,
    ),
    clockRow('round trip', hosts, ({ roundTripMs }) => msText(roundTripMs)),
  ]
  const head = ['', ...hosts.map(({ name }) => name), 'controller']
  const found = Object.entries(server).map(([key, value]) => [key, String(value)])
  return html`${table('The machines of this run; ≠ marks where the clients differ', head, rows, 'texts')}${found.length === 0 ? [] : [table('What the server said of itself before the run', ['', 'server'], found, 'texts')]}`
}

function rowsOf(
  columns: readonly Readonly<Record<string, string>>[],
  clients: number,
  isMarked: boolean,
): Cell[][] {
  const names = [...new Set(columns.flatMap((column) => Object.keys(column)))]
  return names.map((name) => {
    const texts = columns.map((column) => column[name] ?? '–')
    const common = mostCommon(texts.slice(0, clients))
    return [
      name,
      ...texts.map((text, index) =>
        isMarked && index < clients && text !== common
          ? html`<b class="differs"><span aria-hidden="true">≠ </span>${text}</b>`
          : text,
      ),
    ]
  })
}

function clockRow(
  name: string,
  hosts: Environment['hosts'],
  text: (host: Environment['hosts'][number]) => string,
): Cell[] {
  return [name, ...hosts.map(text), '–']
}

function mostCommon(texts: readonly string[]): string | undefined {
  const counts = Map.groupBy(texts, (text) => text)
  return [...counts].sort(([, a], [, b]) => b.length - a.length)[0]?.[0]
}
