import type { HostSecond, Second } from '../bundle/bundle.ts'
import { bytesText, countText, msText, shareText } from './figures.ts'
import { type Html, html } from './html.ts'
import { linearScale, linePath, px } from './svg.ts'
import { tableTwin } from './table.ts'

interface Figure {
  readonly title: string
  readonly of: (host: HostSecond) => number | undefined
  readonly text: (value: number) => string
  /** What is said beside the line: the most, the least, or the last. */
  readonly say: 'most' | 'least'
}

const figures: readonly Figure[] = [
  { title: 'ready', of: ({ ready }) => ready, text: countText, say: 'most' },
  { title: 'failed', of: ({ failed }) => failed, text: countText, say: 'most' },
  { title: 'loop busy', of: ({ loopUse }) => loopUse, text: shareText, say: 'most' },
  { title: 'sent late', of: ({ lagP99Ms }) => lagP99Ms, text: msText, say: 'most' },
  { title: 'memory', of: ({ rssBytes }) => rssBytes, text: bytesText, say: 'most' },
  { title: 'ports left', of: ({ portsLeft }) => portsLeft, text: countText, say: 'least' },
]

/** A card for each client host with the same small lines, on the same scale, so that one that differs is seen. */
export function hostMultiples(seconds: readonly Second[]): Html {
  const names = [...new Set(seconds.flatMap(({ hosts }) => hosts.map(({ name }) => name)))]
  const shown = figures
    .map((figure) => ({ ...figure, most: mostOf(seconds, figure) }))
    .filter((figure) => figure.most !== undefined)
  const cards = names.map((name) => {
    const own = seconds.map(({ hosts }) => hosts.find((host) => host.name === name))
    const workers = own.find((host) => host !== undefined)?.workers ?? 0
    const lines = shown.map((figure) => line(own, figure, figure.most ?? 1))
    return html`<li class="card"><h3>${name} <small>${workers === 1 ? '1 worker' : `${workers} workers`}</small></h3><dl class="sparks">${lines}</dl></li>`
  })
  const rows = names.map((name) => [
    name,
    ...shown.map((figure) => {
      const value = extremeOf(
        seconds.flatMap(({ hosts }) => hosts.filter((host) => host.name === name)),
        figure,
      )
      return value === undefined ? '–' : figure.text(value)
    }),
  ])
  const head = ['host', ...shown.map(({ title, say }) => `${title}, ${say}`)]
  return html`<figure><ul class="cards">${cards}</ul>${tableTwin('What each host came to', head, rows)}</figure>`
}

function mostOf(seconds: readonly Second[], { of }: Figure): number | undefined {
  const values = seconds.flatMap(({ hosts }) => hosts.flatMap((host) => of(host) ?? []))
  return values.length === 0 ? undefined : values.reduce((a, b) => Math.max(a, b), 0)
}

function extremeOf(own: readonly HostSecond[], { of, say }: Figure): number | undefined {
  const values = own.flatMap((host) => of(host) ?? [])
  if (values.length === 0) return undefined
  return values.reduce((a, b) => (say === 'most' ? Math.max(a, b) : Math.min(a, b)))
}

function line(own: readonly (HostSecond | undefined)[], figure: Figure, most: number): Html {
  const x = linearScale([0, Math.max(1, own.length - 1)], [1, 119])
  const y = linearScale([0, most || 1], [23, 2])
  const path = linePath(
    own.map((host, index) => {
      const value = host === undefined ? undefined : figure.of(host)
      return value === undefined ? undefined : [x(index), y(value)]
    }),
  )
  const known = own.filter((host) => host !== undefined)
  const value = extremeOf(known, figure)
  const text = value === undefined ? '–' : figure.text(value)
  return html`<div><dt>${figure.title}</dt><dd><svg class="spark" viewBox="0 0 120 25" aria-hidden="true"><line class="base" x1="0" x2="120" y1="${px(24)}" y2="${px(24)}"/><path class="line stroke-1" d="${path}"/></svg><b>${text}</b></dd></div>`
}
