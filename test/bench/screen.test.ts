import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTerminal, type Terminal } from './parts/terminal.ts'

let directory: string
let open: Terminal[]

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bench-screen-'))
  open = []
})

afterEach(() => {
  for (const terminal of open) terminal.close()
  rmSync(directory, { recursive: true })
})

const script = join(import.meta.dirname, '../../scripts/show-bench-screen.ts')

/** Starts the screen with the fake run, a second of which takes `secondMs`, in a terminal. */
function started(options: {
  readonly columns: number
  readonly rows: number
  readonly secondMs?: number
  readonly environment?: Readonly<Record<string, string>>
}): Terminal {
  const { columns, rows, secondMs = 1_000, environment = {} } = options
  const terminal = openTerminal({
    columns,
    rows,
    directory,
    environment: { LANG: 'C.UTF-8', ...environment },
    command: [process.execPath, script, String(secondMs)],
  })
  open.push(terminal)
  return terminal
}

const isUp = (text: string) => text.includes('READY') && text.includes('? help')

test('at 80x24 and at 120x40 the whole screen is there, and the last row stays free', async () => {
  for (const size of [
    { columns: 80, rows: 24 },
    { columns: 120, rows: 40 },
  ]) {
    const terminal = started(size)
    const rows = (await terminal.until(isUp)).split('\n')
    expect(rows[0]).toContain('1 overview 2 hosts 3 latency 4 errors 5 server')
    expect(rows[size.rows - 2]).toContain('? help  q quit')
    expect(rows[size.rows - 1] ?? '').toBe('')
    const titles = ['connections', 'latency', 'hosts', 'errors by cause', 'server', 'events']
    for (const title of titles) expect(rows.join('\n')).toContain(` ${title}`)
  }
})

test('the views are reached by their keys, and the bottom row changes with them', async () => {
  const terminal = started({ columns: 100, rows: 30 })
  await terminal.until(isUp)
  const titles = [
    ['3', 'latency in the last 120 s'],
    ['4', 'what was seen'],
    ['5', 'busiest thread'],
    ['2', 'host box-1'],
    ['?', 'close help'],
  ] as const
  for (const [key, title] of titles) {
    terminal.press(key)
    await terminal.until((text) => text.includes(title))
  }
  terminal.press('Escape')
  // A key that comes before escape was taken makes another key of the two.
  await terminal.until((text) => text.includes('? help') && !text.includes('close help'))
  terminal.press('1')
  await terminal.until((text) => text.includes('errors by cause'))
  terminal.press('Down')
  terminal.press('Enter')
  const closely = await terminal.until((text) => text.includes('host box-2'))
  expect(closely).toContain('esc back')
})

test('a frozen view stays while the run goes on', async () => {
  const terminal = started({ columns: 80, rows: 24, secondMs: 200 })
  await terminal.until((text) => /ramp ━/.test(text))
  terminal.press('Space')
  const frozen = await terminal.until((text) => text.includes('FROZEN'))
  const ready = /READY .*/.exec(frozen)?.[0]
  const [, at = ''] = /FROZEN (\S+)/.exec(frozen) ?? []
  const later = await terminal.until((text) => {
    const [, now = at] = /now (\d\d:\d\d)/.exec(text) ?? []
    return Number(now.slice(3)) >= Number(at.slice(3)) + 5
  })
  expect(/READY .*/.exec(later)?.[0]).toBe(ready)
  terminal.press('Space')
  const live = await terminal.until((text) => !text.includes('FROZEN'))
  expect(/READY .*/.exec(live)?.[0]).not.toBe(ready)
})

test('a terminal that changes its size gets a whole frame of the new one', async () => {
  const terminal = started({ columns: 120, rows: 40 })
  await terminal.until(isUp)
  terminal.resize(60, 15)
  const small = await terminal.until((text) => text.includes('needs 80x24'))
  expect(small).not.toContain('errors by cause')
  terminal.resize(80, 24)
  const large = await terminal.until((text) => isUp(text) && text.includes('errors by cause'))
  const rows = large.split('\n')
  expect(rows.filter((row) => row.includes('rusher bench'))).toHaveLength(1)
  expect(rows[22]).toContain('? help')
})

test('with NO_COLOR no colour reaches the terminal, without it some does', async () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what is looked for
  const colour = /\u001b\[[\d;]*\b(?:3[0-7]|9[0-7])m/
  const plain = started({ columns: 80, rows: 24, environment: { NO_COLOR: '1' } })
  await plain.until(isUp)
  expect(plain.escapes()).not.toMatch(colour)
  const coloured = started({ columns: 80, rows: 24, environment: { NO_COLOR: '' } })
  await coloured.until(isUp)
  expect(coloured.escapes()).toMatch(colour)
})

test('q asks, and a second q ends the run and gives the terminal back', async () => {
  const terminal = started({ columns: 80, rows: 24 })
  await terminal.until(isUp)
  terminal.press('q')
  await terminal.until((text) => text.includes('Stop the run?'))
  terminal.press('q')
  const after = await terminal.until((text) => text.includes('status 0'))
  expect(after).toContain('The screen was left.')
  expect(after).not.toContain('READY')
  expect(terminal.isRestored()).toBe(true)
})

test('a run that has ended shows its verdict, and Q leaves the last frame behind', async () => {
  const terminal = started({ columns: 80, rows: 30, secondMs: 20 })
  await terminal.until((text) => text.includes('READY at most'))
  terminal.press('Q')
  const after = await terminal.until((text) => text.includes('status 0'))
  expect(after).toContain('READY at most 49,978 / 50,000')
  expect(terminal.isRestored()).toBe(true)
})

test('the terminal is given back when the process is ended from outside', async () => {
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) {
    const terminal = started({ columns: 80, rows: 24 })
    await terminal.until(isUp)
    terminal.signal(signal)
    await terminal.until((text) => text.includes('status'))
    expect(terminal.isRestored()).toBe(true)
  }
})

test('s writes what is shown to a file, as text', async () => {
  const terminal = started({ columns: 80, rows: 24 })
  await terminal.until(isUp)
  terminal.press('s')
  await terminal.until((text) => text.includes('Written to rusher-bench-7f3a2c-'))
  const [name = ''] = readdirSync(directory).filter((each) => each.endsWith('.txt'))
  const text = readFileSync(join(directory, name), 'utf8')
  expect(text).toContain('READY')
  expect(text).not.toContain('\u001b')
})
