/*
 * What a report does in a browser. It is plain script, kept as text: a page holds it as it stands, and its hash is what the page's policy
 * lets run. Everything that is worked out is worked out before; here is only drawing.
 */

/** Switches between the system's colours, light and dark, and tells whoever draws. */
export const themeScript = `
(() => {
  const root = document.documentElement
  const button = document.getElementById('theme')
  const modes = ['auto', 'light', 'dark']
  let at = 0
  const tell = () => dispatchEvent(new Event('theme'))
  button.hidden = false
  button.addEventListener('click', () => {
    at = (at + 1) % modes.length
    if (modes[at] === 'auto') delete root.dataset.theme
    else root.dataset.theme = modes[at]
    button.textContent = 'Colours: ' + modes[at]
    tell()
  })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', tell)
  let before
  addEventListener('beforeprint', () => {
    before = root.dataset.theme
    root.dataset.theme = 'light'
    tell()
  })
  addEventListener('afterprint', () => {
    if (before === undefined) delete root.dataset.theme
    else root.dataset.theme = before
    tell()
  })
})()
`

/**
 * Draws every time chart of a page with uPlot: one cursor for all, overloaded seconds striped,
 * phases marked.
 */
export const chartsScript = `
(() => {
  const { t, overloaded, phases, charts } = JSON.parse(document.getElementById('time-charts').textContent)
  const strokes = { solid: [], area: [], dashed: [8, 5], dotted: [2, 4], thin: [] }
  const probe = document.body.appendChild(document.createElement('i'))
  probe.hidden = true
  const colourOf = (name) => {
    probe.className = name
    return getComputedStyle(probe).color
  }
  const inkOf = (name) => {
    const box = document.querySelector(name)
    return getComputedStyle(box).color
  }
  const faded = (colour, alpha) => colour.replaceAll(',', '').replace(')', ' / ' + alpha + ')')
  const fixed = (value, digits) => String(Number(value.toPrecision(digits)))
  const bytes = (value) => {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
    let unit = 0
    while (Math.abs(value) >= 999.5 && unit < 4) { value /= 1024; unit += 1 }
    return fixed(value, 3) + ' ' + units[unit]
  }
  const written = {
    count: (value) => Math.round(value).toLocaleString('en-US'),
    bytes,
    ms: (value) => value >= 999.5 ? fixed(value / 1000, 3) + ' s' : fixed(value, 3) + ' ms',
    share: (value) => fixed(value * 100, 3) + ' %',
    processors: (value) => fixed(value, 3),
  }
  const ticksOfBytes = (u, axis, min, max) => {
    const step = 2 ** Math.ceil(Math.log2((max - min) / 5 || 1))
    const ticks = []
    for (let at = Math.ceil(min / step) * step; at <= max; at += step) ticks.push(at)
    return ticks
  }
  const stripes = (u) => {
    const { ctx, bbox } = u
    const tile = document.createElement('canvas')
    tile.width = tile.height = 12
    const pen = tile.getContext('2d')
    pen.strokeStyle = inkOf('.stripes-ink')
    pen.globalAlpha = 0.32
    pen.lineWidth = 3
    for (const from of [-12, 0, 12]) {
      pen.beginPath()
      pen.moveTo(from, 12)
      pen.lineTo(from + 12, 0)
      pen.stroke()
    }
    ctx.save()
    ctx.fillStyle = ctx.createPattern(tile, 'repeat')
    for (const [from, to] of overloaded) {
      const left = Math.max(bbox.left, u.valToPos(from - 0.5, 'x', true))
      const right = Math.min(bbox.left + bbox.width, u.valToPos(to + 0.5, 'x', true))
      if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height)
    }
    ctx.restore()
  }
  const marks = (u) => {
    const { ctx, bbox } = u
    const ratio = devicePixelRatio
    ctx.save()
    ctx.strokeStyle = ctx.fillStyle = inkOf('.note')
    ctx.globalAlpha = 0.75
    ctx.setLineDash([2 * ratio, 3 * ratio])
    ctx.textAlign = 'left'
    ctx.textBaseline = 'alphabetic'
    ctx.font = 11 * ratio + 'px system-ui, sans-serif'
    for (const [index, { t, text }] of phases.entries()) {
      const at = Math.round(u.valToPos(t, 'x', true)) + 0.5
      if (at < bbox.left - 1 || at > bbox.left + bbox.width) continue
      ctx.beginPath()
      ctx.moveTo(at, bbox.top - 14 * ratio)
      ctx.lineTo(at, bbox.top + bbox.height)
      ctx.stroke()
      const next = phases[index + 1]
      const room = (next === undefined ? bbox.left + bbox.width + 12 * ratio : u.valToPos(next.t, 'x', true)) - at
      if (ctx.measureText(text).width + 6 * ratio < room) ctx.fillText(text, at + 4 * ratio, bbox.top - 5 * ratio)
    }
    ctx.restore()
  }
  const drawn = new Map()
  const draw = (chart) => {
    const place = document.getElementById(chart.id).querySelector('.plot')
    drawn.get(chart.id)?.destroy()
    const faint = inkOf('.note')
    const grid = { stroke: colourOf('grid-ink'), width: 1 }
    const own = chart.series.map(({ values }) => values)
    const sums = own.map((values, index) => values.map((value, second) =>
      chart.stacked ? own.slice(0, index + 1).reduce((sum, one) => sum + (one[second] ?? 0), 0) : value))
    // The sums of a stack are drawn from the top, so that each covers what is not its own.
    const order = chart.series.map((_, index) => index)
    if (chart.stacked) order.reverse()
    const series = order.map((index) => {
      const { label, tone, stroke } = chart.series[index]
      const colour = colourOf('tone-' + tone)
      const fill = stroke !== 'area' ? undefined : chart.stacked
        ? faded(colour, 0.85)
        : faded(colour, 0.16)
      return {
        label,
        stroke: colour,
        width: stroke === 'thin' ? 1 : stroke === 'dotted' ? 2.5 : 2,
        dash: strokes[stroke],
        fill,
        points: { show: false },
        value: (u, _, __, second) => {
          if (second == null) return 'most ' + written[chart.unit](Math.max(...own[index]))
          const value = own[index][second]
          return value == null ? '–' : written[chart.unit](value)
        },
      }
    })
    const lookOf = (at) => chart.series[order[at - 1]]?.stroke
    const width = place.clientWidth
    const height = place.closest('.pair') ? 180 : 240
    const plot = new uPlot({
      width, height,
      padding: [18, 12, 0, 0],
      cursor: { sync: { key: 'run' }, points: { size: 6 }, drag: { x: true, y: false } },
      scales: { x: { time: false }, y: { range: (u, min, max) => {
        const low = chart.unit === 'bytes' ? 0 : Math.min(0, min ?? 0)
        return [low, (max || 1) * 1.06]
      } } },
      axes: [
        { stroke: faint, grid: { show: false }, ticks: { stroke: grid.stroke, size: 4 }, size: 26, gap: 3,
          font: '12px system-ui, sans-serif', values: (u, ticks) => ticks.map((tick) => tick + ' s') },
        { stroke: faint, grid, ticks: { show: false }, size: 62, gap: 6, font: '12px system-ui, sans-serif',
          values: (u, ticks) => ticks.map(written[chart.unit]),
          ...(chart.unit === 'bytes' ? { splits: ticksOfBytes } : {}),
          ...(chart.unit === 'count' ? { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6] } : {}) },
      ],
      hooks: { drawClear: [stripes], draw: [marks] },
      legend: { markers: {
        stroke: (u, at) => at === 0 ? 'transparent' : u.series[at].stroke(),
        width: (u, at) => at > 0 && lookOf(at) === 'area' ? 5 : lookOf(at) === 'thin' ? 1 : 2.5,
        dash: (u, at) => ({ dashed: 'dashed', dotted: 'dotted' })[lookOf(at)] ?? 'solid',
      } },
      series: [{ label: 'second', value: (u, value) => value == null ? '–' : value + ' s' }, ...series],
    }, [t, ...order.map((index) => sums[index])], place)
    drawn.set(chart.id, plot)
    place.onkeydown = (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
      if (step === undefined) return
      event.preventDefault()
      const last = t.length - 1
      const at = Math.min(last, Math.max(0, (plot.cursor.idx ?? (step > 0 ? -1 : last + 1)) + step))
      plot.setCursor({ left: plot.valToPos(t[at], 'x'), top: plot.bbox.height / devicePixelRatio / 2 }, true, true)
    }
  }
  const all = () => charts.forEach(draw)
  all()
  addEventListener('theme', all)
  let width = innerWidth
  addEventListener('resize', () => {
    if (innerWidth === width) return
    width = innerWidth
    requestAnimationFrame(all)
  })
})()
`
