import type { KeptRun } from './kept-run.ts'

/** The kept runs as a table in Markdown, a run a column; the bare baseline, where there is one, is the last. */
export function headlineTable(runs: readonly KeptRun[], bare?: KeptRun): string {
  const columns = bare === undefined ? runs : [...runs, bare]
  const head = columns.map((run) => (run === bare ? 'bare `ws`, upgraded' : 'Rusher'))
  const line = (name: string, cell: (run: KeptRun) => string): string =>
    `| ${[name, ...columns.map(cell)].join(' | ')} |`
  return [
    `| | ${head.join(' | ')} |`,
    `|---|${columns.map(() => '---:|').join('')}`,
    line('sessions asked for', ({ connections }) => grouped(connections)),
    line('ready at once, as the clients count', ({ counts }) => grouped(counts.ready)),
    line('as the server counts, less the probes', countOf('server')),
    line('as the kernel counts, less the probes', countOf('kernel')),
    line('failed, lost', ({ failed, lost }) => `${grouped(failed)}, ${grouped(lost)}`),
    line('processes: server, load', ({ processes: { server, workers } }) =>
      [server === undefined ? '-' : grouped(server), grouped(workers)].join(', '),
    ),
    line('server memory a session, all of it', ({ memory }) => kb(memory?.bytesPerSession)),
    line('more than the empty server, a session', ({ memory }) => kb(memory?.moreBytesPerSession)),
    line('of it in the kernel', ({ memory }) =>
      kb(memory && (memory.kernelBytes * memory.kernelShare) / memory.ready),
    ),
    line('load memory a session, without the kernel', ({ memory }) =>
      kb(memory?.workersBytes && memory.workersBytes / memory.ready),
    ),
    line('server processors while steady', ({ steady }) => steady?.processors.toFixed(2) ?? '-'),
    line('deliveries, signs of life a second', ({ steady }) =>
      steady === undefined ? '-' : `${grouped(steady.deliveries)}, ${grouped(steady.signs)}`,
    ),
    line('server processor time for each', ({ steady }) =>
      steady?.microsecondsEach === undefined ? '-' : `${Math.round(steady.microsecondsEach)} µs`,
    ),
    line('acknowledged: p50, p99', ({ latency: { ack } }) => `${ms(ack?.p50)}, ${ms(ack?.p99)}`),
    line(
      'delivered: p50, p99',
      ({ latency: { delivery } }) => `${ms(delivery?.p50)}, ${ms(delivery?.p99)}`,
    ),
    line('history', ({ history: { checked, publishes, lost, duplicated, gaps, disordered } }) =>
      checked === 'nothing published'
        ? 'nothing was published'
        : `${grouped(publishes)} publishes: ${lost} lost, ${duplicated} duplicated, ${gaps} gaps, ${disordered} out of order${checked === 'full' ? '' : ' (counted)'}`,
    ),
    line(
      'seconds, of which the load was busy',
      ({ health }) => `${health.seconds}, ${health.overloaded}`,
    ),
  ].join('\n')
}

function countOf(who: 'server' | 'kernel'): (run: KeptRun) => string {
  return ({ counts }) => {
    const count = counts[who]
    return count === undefined ? '-' : grouped(count - (counts.probes ?? 0))
  }
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

function kb(bytes: number | undefined): string {
  return bytes === undefined ? '-' : `${(bytes / 1_024).toFixed(1)} KB`
}

function ms(value: number | undefined): string {
  if (value === undefined) return '-'
  return value < 10 ? `${value.toFixed(1)} ms` : `${grouped(value)} ms`
}
