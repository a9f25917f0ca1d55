import type { RunBundle, Second } from '../bundle/bundle.ts'
import { clientCauses } from '../ledger/client-causes.ts'
import type { Cause } from '../ledger/ledger.ts'
import { causesByCount, failuresChart } from './connection-charts.ts'
import { countText, timeText } from './figures.ts'
import { type Html, html } from './html.ts'
import { table } from './table.ts'
import { timeChart } from './time-chart.ts'

const meanings: Readonly<Record<string, string>> = {
  src_ports: 'the host had no source port left',
  emfile: 'the worker had no file descriptor left',
  enfile: 'the host had no file descriptor left',
  refused: 'nobody listened, or the server refused at once',
  unreachable: 'no way to the server',
  reset_before_upgrade: 'cut off before it was a WebSocket',
  connect_timeout: 'no TCP connection in time',
  upgrade_timeout: 'TCP was open, and the WebSocket upgrade was never answered',
  ready_timeout: 'upgraded, and never ready',
  idle_timeout: 'silent for two keepalive intervals',
  bad_accept: 'the accept key was wrong',
  tls: 'TLS failed',
  dns: 'the name was not found',
  protocol: 'not the protocol',
  refused_by_server: 'the server said no',
  enobufs: 'the host had no buffers left',
  enomem: 'the host had no memory left',
  reset: 'cut off',
  worker_died: 'its worker died',
  other: 'see what was seen',
}

/** Failures over time and by cause, each with the first that were seen, as they were seen. */
export function failures(bundle: RunBundle, seconds: readonly Second[]): Html {
  const { failed } = bundle.result.ledger
  const causes = causesByCount(failed)
  const chart = failuresChart({ ...bundle, seconds })
  if (chart === undefined) return html`<p>No connection failed.</p>`
  const rows = causes.map((cause) => [
    html`<code>${cause}</code>`,
    countText(failed[cause] ?? 0),
    clientCauses.has(cause) ? 'clients' : 'server or network',
    meaningOf(cause),
    examplesOf(bundle, cause),
  ])
  return html`${timeChart(chart, seconds)}${table('By cause, with the first that were seen', ['cause', 'connections', 'side', 'what it means', 'as it was seen'], rows, 'texts')}`
}

function meaningOf(cause: Cause): string {
  if (cause.startsWith('http_')) return `the upgrade was answered with HTTP ${cause.slice(5)}`
  if (cause === 'closed_1006') return 'the connection ended without a close frame'
  if (cause.startsWith('closed_')) return `closed by the server with code ${cause.slice(7)}`
  return meanings[cause] ?? ''
}

function examplesOf({ result }: RunBundle, cause: Cause): Html {
  const seen = result.examples.filter((example) => example.cause === cause).slice(0, 5)
  return html`${seen.map(({ wallMs, from, to, raw }) => html`<p class="seen"><code>${raw}</code><small>${timeText(new Date(wallMs).toISOString())} ${from === undefined ? '' : `${from} → `}${to}</small></p>`)}`
}
