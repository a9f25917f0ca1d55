import { stripVTControlCharacters } from 'node:util'
import { Text } from 'ink'
import { cleanup, render } from 'ink-testing-library'
import { afterEach, expect, test } from 'vitest'
import type { RunView } from '../../../../bench-harness/view/run-view.ts'
import { createFakeRun } from '../../../../test/bench/parts/fake-run.ts'
import type { Size } from './layout.ts'
import { lookOf } from './look.ts'
import { Screen } from './Screen.tsx'
import { firstState, type ScreenState, viewNames } from './screen-state.ts'
import { shownOf } from './shown.ts'
import { cellsOf } from './spans.ts'

afterEach(cleanup)

interface Frame {
  readonly seconds: number
  readonly state?: Partial<ScreenState>
  readonly environment?: Readonly<Record<string, string>>
  readonly hosts?: readonly string[]
}

const unicode = { TERM: 'xterm', LANG: 'C.UTF-8' }
const small: Size = { columns: 80, rows: 24 }

/** A terminal of a size; draws one frame after another, and gives each as the terminal gets it. */
function terminal(size: Size): (frame: Frame) => string {
  const { stdout, rerender, lastFrame } = render(<Text> </Text>)
  Object.defineProperty(stdout, 'columns', { value: size.columns })
  return ({ seconds, state, environment = unicode, hosts }) => {
    const view = viewAt(seconds, hosts)
    const shown = shownOf(view, { ...firstState, ...state }, lookOf(environment), undefined)
    rerender(<Screen shown={shown} size={size} />)
    return lastFrame() ?? ''
  }
}

function viewAt(seconds: number, hosts?: readonly string[]): RunView {
  const run = createFakeRun({ seed: 1, ...(hosts === undefined ? {} : { hosts }) })
  for (let second = 0; second < seconds; second++) run.step()
  return run.view()
}

const frameOf = (frame: Frame) => terminal(small)(frame)
const rowsOf = (frame: string) => stripVTControlCharacters(frame).split('\n')

const sizes: readonly Size[] = [
  small,
  { columns: 120, rows: 40 },
  { columns: 200, rows: 60 },
  { columns: 81, rows: 33 },
  { columns: 109, rows: 25 },
]

const everyState: readonly Partial<ScreenState>[] = [
  ...[{ help: true }, { open: true, host: 'box-2' }, { typing: true, filter: 'box' }],
  ...[{ asking: 'leave' } as const, { note: 'x'.repeat(300) }, { log: false }],
]

for (const size of sizes)
  test(`at ${size.columns}x${size.rows} no view exceeds the rows and columns it was given`, () => {
    const draw = terminal(size)
    const frames: readonly Frame[] = [
      ...[0, 14, 45, 64].flatMap((seconds) =>
        viewNames.map((view) => ({ seconds, state: { view } })),
      ),
      ...everyState.map((state) => ({ seconds: 45, state })),
    ]
    for (const frame of frames) {
      const rows = rowsOf(draw(frame))
      expect(rows).toHaveLength(size.rows - 1)
      for (const row of rows) expect(cellsOf(row)).toBeLessThanOrEqual(size.columns)
    }
  })

test('a terminal that is too small is told the size that is needed, beside the figures that matter', () => {
  for (const size of [
    { columns: 50, rows: 12 },
    { columns: 30, rows: 40 },
    { columns: 20, rows: 3 },
  ]) {
    const rows = rowsOf(terminal(size)({ seconds: 20 }))
    expect(rows.length).toBeLessThan(size.rows)
    for (const row of rows) expect(cellsOf(row)).toBeLessThanOrEqual(size.columns)
    expect(rows[0]).toContain('READY 37,134')
    if (size.rows > 6) expect(rows.join('\n')).toContain('needs 80x24')
  }
})

test('with NO_COLOR no escape for colour is written, and every meaning still has its symbol', () => {
  const frame = frameOf({ seconds: 45, environment: { ...unicode, NO_COLOR: '1' } })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what is looked for
  expect(frame.match(/\u001b\[(?!(?:1|2|7|22|27)m)[\d;]*m/g)).toBeNull()
  const text = stripVTControlCharacters(frame)
  for (const marked of ['▲ INVALID', 'lost 2 ✗', '76.8 ms ✗', '97 % ▲'])
    expect(text).toContain(marked)
})

test('with TERM=dumb nothing is written but ASCII', () => {
  const draw = terminal(small)
  for (const view of viewNames) {
    const frame = draw({ seconds: 45, state: { view }, environment: { TERM: 'dumb' } })
    expect(frame).toMatch(/^[\x20-\x7e\n]*$/)
  }
})

test('a stale host is shown as stale with its seconds', () => {
  const row = rowsOf(frameOf({ seconds: 14 })).find((each) => each.includes('box-2 '))
  expect(row).toContain('▲ stale 3 s')
})

test('frozen: the view stays while the run goes on', () => {
  const run = createFakeRun({ seed: 1 })
  for (let second = 0; second < 12; second++) run.step()
  const state = { ...firstState, frozen: run.view() }
  run.step()
  run.step()
  const shown = shownOf(run.view(), state, lookOf(unicode), undefined)
  const { lastFrame } = render(<Screen shown={shown} size={{ columns: 100, rows: 30 }} />)
  const frozen = stripVTControlCharacters(lastFrame() ?? '')
  expect(frozen).toContain('FROZEN 00:12 now 00:14')
  expect(frozen).toContain('READY 20,666 / 50,000')
})

test('the three counts stand beside each other', () => {
  const text = rowsOf(frameOf({ seconds: 20 })).join('\n')
  expect(text).toMatch(/tcp 37,335 {2}ws 37,220 .* server 37,136 {2}kernel 37,335/)
})

test('among many hosts the chosen one is in sight', () => {
  const hosts = Array.from({ length: 40 }, (_, no) => `box-${no + 1}`)
  const draw = terminal(small)
  for (const host of ['box-1', 'box-20', 'box-40']) {
    const rows = rowsOf(draw({ seconds: 20, hosts, state: { host } }))
    expect(rows.filter((row) => row.includes(`▌ ${host} `))).toHaveLength(1)
  }
})

test('the bottom row has the keys that work now', () => {
  const draw = terminal(small)
  const bottom = (frame: Frame) => rowsOf(draw(frame)).at(-1) ?? ''
  expect(bottom({ seconds: 20 })).toContain('p next phase  a drain')
  expect(bottom({ seconds: 64 })).not.toMatch(/next phase|drain/)
  expect(bottom({ seconds: 20, state: { asking: 'leave' } })).toContain('q stops at once')
  expect(bottom({ seconds: 20, state: { help: true } })).toContain('? close help')
})

test('the end has its verdict, and the most that were ready', () => {
  const rows = rowsOf(frameOf({ seconds: 64 }))
  expect(rows[1]).toContain('✗ FAIL  2 connections were lost')
  expect(rows[4]).toContain('READY at most 49,978 / 50,000')
})

test('a host with a name full of escapes does not break the frame', () => {
  const hosts = ['\u001b[2J\u001b[31mevil\r\nbox', '日本語のホスト名がとても長い', 'box-3']
  const rows = rowsOf(frameOf({ seconds: 20, hosts }))
  expect(rows).toHaveLength(23)
  for (const row of rows) expect(cellsOf(row)).toBeLessThanOrEqual(80)
})

test('every size has a panel of throughput, and the end shows the measured phase', () => {
  for (const size of [small, { columns: 100, rows: 30 }, { columns: 120, rows: 40 }]) {
    const draw = terminal(size)
    for (const seconds of [45, 70]) {
      const text = rowsOf(draw({ seconds })).join('\n')
      expect(text).toContain('throughput')
      expect(text).toMatch(/sent +4,99\d\/s/)
      expect(text).toMatch(/READY .*49,97\d/)
    }
  }
})
