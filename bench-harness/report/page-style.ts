/** How reports look. Colours are one for light and one for dark each; the six of the charts differ for all kinds of colour sight. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#f7f7f5, #111315);
  --panel: light-dark(#ffffff, #1a1d20);
  --ink: light-dark(#1b1e22, #e9eaec);
  --faint: light-dark(#5a616b, #a0a7b1);
  --line: light-dark(#e1e3e6, #30353b);
  --focus: light-dark(#0b62c4, #8abaff);
  --c1: light-dark(#0b62c4, #6cb0ff);
  --c2: light-dark(#b85000, #ffa05c);
  --c3: light-dark(#00755c, #35cda6);
  --c4: light-dark(#9a2f86, #eb93d6);
  --c5: light-dark(#7d6200, #e2c64f);
  --c6: light-dark(#60666f, #a9b0ba);
  --good: light-dark(#0a6637, #6edb9f);
  --bad: light-dark(#b3261e, #ff8f85);
  --warn: light-dark(#8a5200, #f5bb5b);
  --good-bg: light-dark(#e8f4ec, #13271c);
  --bad-bg: light-dark(#fbeceb, #2d1817);
  --warn-bg: light-dark(#fbf1df, #2b2113);
}
:root[data-theme=light] { color-scheme: light }
:root[data-theme=dark] { color-scheme: dark }
* { box-sizing: border-box }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100% }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main, .top, .foot, .bar { max-width: 1040px; margin: 0 auto; padding: 0 24px }
h1 { font-size: clamp(1.25rem, 2.6vw, 1.75rem); line-height: 1.25; margin: 0; font-weight: 600; text-wrap: balance }
h2 { font-size: 1.2rem; margin: 0 0 4px; line-height: 1.3 }
h3 { font-size: .95rem; margin: 0 0 8px }
section > h3 { margin-top: 26px }
p { margin: 8px 0; max-width: 75ch }
a { color: var(--c1) }
code { font: .88em/1.4 ui-monospace, monospace; overflow-wrap: anywhere }
small, .note { color: var(--faint); font-size: .86rem; font-weight: 400 }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 4px }
.bar { display: flex; gap: 4px 16px; align-items: center; padding-top: 14px; font-size: .86rem }
.bar nav { display: flex; gap: 2px 16px; flex-wrap: wrap; flex: 1 }
.bar nav a { color: var(--faint); text-decoration: none; padding: 3px 0 }
.bar nav a:hover { color: var(--ink); text-decoration: underline }
button, .button { font: inherit; font-size: .9rem; color: var(--ink); background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 6px 12px; cursor: pointer; text-decoration: none; display: inline-block }
button:hover, .button:hover { border-color: var(--faint) }
button[aria-pressed=true] { border-color: var(--c1); box-shadow: inset 0 0 0 1px var(--c1) }
.kicker { color: var(--faint); font-size: .86rem; margin: 22px 0 10px; max-width: none }
.kicker span::before { content: "·"; margin: 0 5px 0 2px }
.verdict { border: 1px solid var(--line); border-left: 6px solid var(--edge); border-radius: 10px; background: var(--tint); padding: 18px 22px 14px }
.verdict.pass { --edge: var(--good); --tint: var(--good-bg) }
.verdict.fail { --edge: var(--bad); --tint: var(--bad-bg) }
.verdict.invalid { --edge: var(--warn); --tint: var(--warn-bg) }
.word { color: var(--edge); font-weight: 700; font-size: 1rem; margin: 0 0 4px }
.verdict details { margin-top: 10px; font-size: .93rem }
.verdict ul { margin: 6px 0; padding-left: 20px }
.limiter { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 10px 16px; max-width: none }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 12px; margin: 14px 0 }
.tile { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px }
.tile.wrong { border-color: var(--bad) }
.tile.wrong .note { color: var(--bad) }
.tile dt { color: var(--faint); font-size: .86rem }
.tile dd { margin: 0; font-size: 1.5rem; font-weight: 600; line-height: 1.3; font-variant-numeric: tabular-nums }
.tile dd.note { font-size: .8rem; line-height: 1.4; font-weight: 400 }
section { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 18px 22px; margin: 16px 0; scroll-margin-top: 12px }
figure { margin: 14px 0 4px }
figure + figure { margin-top: 26px }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 0 28px }
.pair > * { min-width: 0 }
.pair figure + figure { margin-top: 14px }
figure > h3 { color: var(--faint); font-weight: 600 }
svg { display: block; width: 100%; height: auto; font: 12px system-ui, sans-serif }
svg.defs { position: absolute }
.narrow { display: none }
.tick, .axis-title { fill: var(--faint); font-variant-numeric: tabular-nums }
.grid, .mark, .base { stroke: var(--line); stroke-width: 1 }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round }
.tail { fill: none; stroke: var(--ink); stroke-width: 1.5 }
.limit { fill: none; stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 4 3 }
.limit-text { fill: var(--bad) }
.limit-dot { fill: var(--bad) }
.direct { fill: var(--ink); font-size: 14px; font-weight: 600 }
.stripe { stroke: var(--warn); stroke-width: 2.5; opacity: .65 }
.overloaded { stroke: none }
.heat-0 { fill: var(--c1); fill-opacity: .14 } .heat-line-0 { stroke: var(--c1); stroke-opacity: .14 }
.heat-1 { fill: var(--c1); fill-opacity: .36 } .heat-line-1 { stroke: var(--c1); stroke-opacity: .36 }
.heat-2 { fill: var(--c1); fill-opacity: .62 } .heat-line-2 { stroke: var(--c1); stroke-opacity: .62 }
.heat-3 { fill: var(--c1); fill-opacity: 1 } .heat-line-3 { stroke: var(--c1); stroke-opacity: 1 }
.heat-4 { fill: var(--bad) } .heat-line-4 { stroke: var(--bad) }
${[1, 2, 3, 4, 5, 6]
  .map(
    (tone) =>
      `.stroke-${tone} { stroke: var(--c${tone}) } .fill-${tone}, .dot-${tone} { fill: var(--c${tone}) } .tone-${tone} { color: var(--c${tone}) }`,
  )
  .join('\n')}
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 18px; padding: 0; margin: 0 0 6px; font-size: .86rem }
.legend li { display: flex; align-items: center; gap: 7px }
.key { width: 28px; flex: none }
.key[viewBox="0 0 14 14"] { width: 14px }
.key .overloaded { stroke: var(--line) }
.twin { margin-top: 6px; font-size: .88rem }
summary { cursor: pointer; color: var(--faint); width: fit-content; padding: 2px 0 }
summary:hover { color: var(--ink) }
.scroll { overflow-x: auto; margin: 10px 0 }
.twin .scroll { max-height: 70vh; overflow-y: auto }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; min-width: 60% }
caption { text-align: left; color: var(--faint); padding-bottom: 4px; font-size: .86rem }
th, td { text-align: left; padding: 5px 18px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top }
thead th { color: var(--faint); font-weight: 500; white-space: nowrap }
tbody th { font-weight: 500; white-space: nowrap }
.figures td, .figures thead th:not(:first-child) { text-align: right; white-space: nowrap }
.seen { margin: 0 0 6px; min-width: 220px }
.seen small { display: block }
.differs { color: var(--warn) }
.good { color: var(--good); font-weight: 600; white-space: nowrap }
.bad { color: var(--bad); font-weight: 600; white-space: nowrap }
.boxes { display: grid; grid-template-columns: minmax(0, 5fr) 28px minmax(0, 3fr) 28px minmax(0, 5fr); align-items: center; margin-top: 12px }
.boxes ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 8px }
.box { border: 1px solid var(--line); border-radius: 8px; padding: 8px 12px; font-size: .86rem }
.box.server { border: 2px solid var(--c1) }
.box span, .between span { display: block; color: var(--faint); font-size: .82rem; overflow-wrap: anywhere }
.between { text-align: center }
.between p { margin: 0 }
.wire { border-top: 2px solid var(--line); position: relative; align-self: center }
.wire.end::after { content: ""; position: absolute; right: 0; top: -6px; border: 5px solid transparent; border-left-color: var(--faint) }
.cards { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 270px), 1fr)); gap: 12px }
.card { border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; min-width: 0 }
.sparks { margin: 0 }
.sparks div { display: grid; grid-template-columns: 74px 1fr; align-items: center; font-size: .84rem }
.sparks dt { color: var(--faint) }
.sparks dd { margin: 0; display: grid; grid-template-columns: 1fr 72px; gap: 8px; align-items: center }
.sparks b { text-align: right; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap }
.spark .line { stroke-width: 1.5 }
.time .plot { min-height: 274px; position: relative }
.pair .time .plot { min-height: 214px }
.u-legend { text-align: left; font-size: .84rem; color: var(--ink); font-variant-numeric: tabular-nums }
.uplot { font-family: system-ui, sans-serif }
.u-legend th, .u-legend td { border: 0 }
.uplot .u-legend .u-marker { width: 20px; height: 0; border-left: 0 !important; border-right: 0 !important; border-bottom: 0 !important; background: none !important }
.uplot .u-legend tr:first-child .u-marker { display: none }
.u-cursor-x, .u-cursor-y { border-color: var(--faint) !important }
.grid-ink { color: var(--line) }
.stripes-ink { color: var(--warn) }
.events { font-variant-numeric: tabular-nums }
.foot { padding-bottom: 40px }
@media (max-width: 719px) {
  main, .top, .foot, .bar { padding-left: 12px; padding-right: 12px }
  section { padding: 14px 12px }
  .verdict { padding: 14px 14px 10px }
  .wide { display: none }
  .narrow { display: block; max-width: 480px }
  .tiles { grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 8px }
  .tile { padding: 10px 12px }
  .tile dd { font-size: 1.25rem }
  .boxes { grid-template-columns: 1fr; gap: 6px }
  .wire { border: 0; border-left: 2px solid var(--line); height: 18px; width: 0; justify-self: center }
  .wire.end::after { right: -6px; top: auto; bottom: -8px; border: 5px solid transparent; border-top-color: var(--faint) }
  .texts td { min-width: 120px }
  .bar nav { display: none }
  .bar { justify-content: flex-end }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto } }
@media print {
  :root { color-scheme: light }
  body { font-size: 11pt; background: none }
  .bar, .twin > summary, .button { display: none }
  section, .verdict, .tile { break-inside: avoid; border-color: #bbb }
  main, .top { max-width: none; padding: 0 }
}
`
