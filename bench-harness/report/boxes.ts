import type { RunBundle } from '../bundle/bundle.ts'
import { bytesText, countText, msText, rateText } from './figures.ts'
import { type Html, html } from './html.ts'

/** Which machine did what: controller, clients, server, and what went between them. */
export function boxes({ plan, environment, result }: RunBundle): Html {
  const clients = environment.hosts.map(
    ({ name, workers, facts, roundTripMs }) =>
      html`<li class="box"><b>${name}</b><span>${countText(workers)} worker${workers === 1 ? '' : 's'}, ${countText(facts.cores)} processors</span><span>${bytesText(facts.memoryBytes)}, ${facts.cpu}</span><span>${msText(roundTripMs)} from the controller</span></li>`,
  )
  const found = environment.server
  const about = Object.entries(found)
    .slice(0, 4)
    .map(([key, value]) => html`<span>${key} ${String(value)}</span>`)
  const traffic =
    result.rates.sent > 0
      ? html`<span>${rateText(result.rates.sent)} sent, ${rateText(result.rates.delivered)} delivered</span>`
      : html`<span>no messages</span>`
  return html`<div class="boxes">
<div class="column"><h3>Clients</h3><ul>${clients}</ul></div>
<div class="wire" aria-hidden="true"></div>
<div class="column between"><p><b>${countText(plan.connections)} connections</b><span>${rateText(plan.arrivalsPerSecond)} opened (${plan.arrivals})</span>${traffic}<span>spoken: ${plan.target.dialect}</span></p></div>
<div class="wire end" aria-hidden="true"></div>
<div class="column"><h3>Server</h3><ul><li class="box server"><b>${plan.target.own ? 'started by this run, on this machine' : 'named by the user'}</b>${plan.target.urls.map((url) => html`<span><code>${url}</code></span>`)}${about}</li></ul></div>
</div>
<p class="note">Controller: ${environment.controller.hostname}, ${environment.controller.cpu}. Scenario <b>${plan.scenario.name}</b>${optionsText(plan.scenario.options)}. Seed ${plan.seed}: the same plan on the same machines is the same run.${sameMachine(plan.target.own)}</p>`
}

function optionsText(options: Readonly<Record<string, number>>): string {
  const texts = Object.entries(options).map(([name, value]) => `${name} ${value}`)
  return texts.length === 0 ? '' : ` with ${texts.join(', ')}`
}

function sameMachine(own: boolean): string {
  return own ? ' Clients and server share its processors, so that neither had all of them.' : ''
}
