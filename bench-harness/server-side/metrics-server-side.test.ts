import { describe, expect, it } from 'vitest'
import { createMetricsServerSide, metricsUrlOf } from './metrics-server-side.ts'
import { parsePrometheusText, sumOf } from './prometheus-text.ts'

const page = (cpu: number, sessions = 1_200): string => `# HELP rusher_sessions Sessions now
# TYPE rusher_sessions gauge
rusher_sessions ${sessions}
rusher_document_sessions 34

rusher_sessions_closed_total{reason="SLOW_READER"} 3
rusher_sessions_closed_total{reason="ping } \\"x\\""} 4
rusher_resident_bytes 123456789
rusher_cpu_seconds_total ${cpu}
rusher_loop_delay_p99_seconds 0.0214
`

function sideOf(answers: (string | Error)[]) {
  const notes: string[] = []
  let asked = 0
  let atMs = 0
  const side = createMetricsServerSide({
    url: metricsUrlOf('ws://127.0.0.1:8080/connect'),
    note: (text) => notes.push(text),
    nowMs: () => atMs++ * 1_000,
    fetchText() {
      const answer = answers[Math.min(asked++, answers.length - 1)] ?? new Error('nothing')
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    },
  })
  return { side, notes, asked: () => asked }
}

describe('metrics of a Rusher', () => {
  it('are where the WebSocket is', () => {
    expect(metricsUrlOf('ws://10.0.0.7:8080/connect?x=1').href).toBe('http://10.0.0.7:8080/metrics')
    expect(metricsUrlOf('wss://chat.example/rt').href).toBe('https://chat.example/metrics')
  })

  it('give sessions of both kinds, memory, loop delay, and processor time as a rate', async () => {
    const { side } = sideOf([page(10), page(11.5)])
    const first = await side.sample()
    expect(first).toEqual({ sessions: 0, rssBytes: 123456789, loopDelayP99Ms: 21.4 })
    expect((await side.sample()).cpu).toBeCloseTo(1.5)
  })

  it('count no session that was there before the run, and none below zero', async () => {
    const { side } = sideOf([page(1, 7), page(2, 57), page(3, 0)])
    expect((await side.sample()).sessions).toBe(0)
    expect((await side.sample()).sessions).toBe(50)
    expect((await side.sample()).sessions).toBe(0)
  })

  it('give what was refused since they were first looked at, by reason', async () => {
    const refused = (reason: string, count: number): string =>
      `rusher_upgrades_refused_total{reason="${reason}"} ${count}\n`
    const { side } = sideOf([
      page(1) + refused('full', 5),
      page(2) + refused('full', 5) + refused('late', 2),
      page(3) + refused('full', 9) + refused('late', 2),
    ])
    expect((await side.sample()).counters).toBeUndefined()
    const late = { '503 late': 2 }
    expect((await side.sample()).counters).toEqual(late)
    const full = { '503 full': 4 }
    expect((await side.sample()).counters).toEqual({ ...full, ...late })
  })

  it('give no rate when the server was started again', async () => {
    const { side } = sideOf([page(10), page(0.4)])
    await side.sample()
    expect((await side.sample()).cpu).toBeUndefined()
  })

  it('of another server are noted once and not asked for again', async () => {
    const { side, notes, asked } = sideOf(['go_goroutines 7\n'])
    expect(await side.sample()).toEqual({})
    expect(await side.sample()).toEqual({})
    expect(notes).toHaveLength(1)
    expect(asked()).toBe(1)
  })

  it('that never answer are given up after a few looks', async () => {
    const { side, notes, asked } = sideOf([new Error('it answers 404')])
    for (let look = 0; look < 9; look++) expect(await side.sample()).toEqual({})
    expect(notes[0]).toContain('it answers 404')
    expect(notes).toHaveLength(1)
    expect(asked()).toBe(5)
  })

  it('that answered once are asked for as long as the run lasts', async () => {
    const gone = new Error('gone')
    const answers = [page(1, 0), gone, gone, gone, gone, gone, gone, page(2)]
    const { side, notes } = sideOf(answers)
    for (let look = 0; look < 7; look++) await side.sample()
    expect((await side.sample()).sessions).toBe(1_200)
    expect(notes).toEqual([])
  })

  it('with labels are added up by name', () => {
    const metrics = parsePrometheusText(page(1))
    expect(sumOf(metrics, 'rusher_sessions_closed_total')).toBe(7)
    expect(sumOf(metrics, 'rusher_nothing')).toBeUndefined()
  })
})
