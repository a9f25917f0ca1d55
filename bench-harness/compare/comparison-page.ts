/** What a comparison looks like beyond what every report does. */
export const comparisonStyle = `
.chips { display: flex; flex-wrap: wrap; gap: 8px; margin: 14px 0 }
.chips i, .swatch { font-style: normal }
.chips button[aria-pressed=false] { opacity: .6; text-decoration: line-through }
[data-group][hidden] { display: none }
.sentences { margin: 8px 0 0; padding: 0; list-style: none; font-size: 1.1rem; font-weight: 500; line-height: 1.4 }
.sentences li + li { margin-top: 6px }
.bars ul { list-style: none; margin: 0; padding: 0 }
.bars li { display: grid; grid-template-columns: minmax(90px, 190px) minmax(120px, 1fr) 86px 92px; gap: 0 14px; align-items: center; padding: 6px 0; border-bottom: 1px solid var(--line) }
.bars li:target, .bars li:hover { background: color-mix(in srgb, var(--c1) 6%, transparent) }
.bars .name { overflow-wrap: anywhere; font-size: .92rem }
.bars .value { text-align: right; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap }
.bars .share { color: var(--faint); font-size: .86rem; white-space: nowrap }
.bars .delta { grid-column: 2 / -1; font-size: .88rem }
.bars svg { height: 26px }
.whisker { fill: none; stroke: var(--ink); stroke-width: 1.75; vector-effect: non-scaling-stroke }
.run { fill: none; stroke: var(--ink); stroke-width: 1.5; stroke-opacity: .7; vector-effect: non-scaling-stroke }
.noise { fill: var(--c6); fill-opacity: .2 }
.same { color: var(--faint) }
.warnings caption { display: none }
.warnings { border: 1px solid var(--line); border-left: 6px solid var(--warn); border-radius: 10px; background: var(--warn-bg); padding: 12px 20px; margin: 14px 0 }
@media (max-width: 719px) {
  .bars li { grid-template-columns: 1fr 70px 98px; padding: 10px 0 }
  .bars .name { grid-column: 1 / -1 }
  .bars .delta { grid-column: 1 / -1 }
  .bars .share { text-align: right }
  .sentences { font-size: 1.05rem }
}
`

/** Chips show and hide variants, and the address remembers which: \`#hide=a,b\`. */
export const chipsScript = `
(() => {
  const chips = [...document.querySelectorAll('.chips button')]
  const read = () => new Set((/(?:^#|&)hide=([^&]*)/.exec(location.hash)?.[1] ?? '').split(',').filter(Boolean).map(decodeURIComponent))
  const show = () => {
    const hidden = read()
    for (const chip of chips) chip.setAttribute('aria-pressed', String(!hidden.has(chip.dataset.variant)))
    for (const part of document.querySelectorAll('[data-group]')) {
      if (hidden.has(part.dataset.group)) part.setAttribute('hidden', '')
      else part.removeAttribute('hidden')
    }
  }
  for (const chip of chips) {
    chip.hidden = false
    chip.addEventListener('click', () => {
      const hidden = read()
      if (!hidden.delete(chip.dataset.variant)) hidden.add(chip.dataset.variant)
      const list = [...hidden].map(encodeURIComponent).join(',')
      history.replaceState(null, '', list === '' ? location.pathname + location.search : '#hide=' + list)
      show()
    })
  }
  addEventListener('hashchange', show)
  show()
})()
`
