import { expect, test } from 'vitest'
import { createFakeRun } from '../../../test/bench/parts/fake-run.ts'
import { followInLines, nothingSaid, plainLines } from './plain-lines.ts'

async function wholeRun(): Promise<readonly string[]> {
  const run = createFakeRun({ seed: 1 })
  let text = ''
  const followed = followInLines(run, {
    write: (more: string) => {
      text += more
    },
  })
  for (let second = 0; second < 64; second++) run.step()
  await followed
  return text.trimEnd().split('\n')
}

test('ramp and measure have a line every five seconds, with every figure', async () => {
  const lines = await wholeRun()
  const figures = lines.filter((line) => / (ramp|measure) ready=/.test(line))
  expect(figures.map((line) => line.slice(2, 7))).toEqual([
    '00:02',
    ...['00:06', '00:11', '00:16', '00:21', '00:26'],
    ...['00:31', '00:36', '00:41', '00:46', '00:51', '00:56'],
  ])
  for (const line of figures)
    expect(line).toMatch(
      /^t=\d\d:\d\d \w+ ready=[\d,]+\/50,000 tcp=[\d,]+ fail=\d+( \(.+\))?( lost=\d+)? (ready\.)?p99=[\d.ms-]+ lag=[\d.]+ms hosts=\d\/3 /,
    )
})

test('causes, lost connections and a stale host are named', async () => {
  const lines = await wholeRun()
  expect(lines.find((line) => line.startsWith('t=00:16 ramp'))).toContain(
    'fail=12 (refused 12) ready.p99=',
  )
  expect(lines.find((line) => line.startsWith('t=00:16 ramp'))).toContain(
    'hosts=2/3 box-2 stale 5s load generator overloaded (box-2: not heard of)',
  )
  expect(lines.find((line) => line.startsWith('t=00:46'))).toContain(
    'fail=24 (refused 12, connect_timeout 7, http_503 3, ...) lost=2 p99=',
  )
})

test('a phase and a fault have their line at once and once', async () => {
  const lines = await wholeRun()
  expect(lines.filter((line) => line === 't=00:42 fault: 2 connections were lost')).toHaveLength(1)
  expect(lines.filter((line) => line.includes('phase: '))).toHaveLength(6)
})

test('an unchanged view has nothing more to say', () => {
  const run = createFakeRun({ seed: 1 })
  for (let second = 0; second < 20; second++) run.step()
  const { said } = plainLines(nothingSaid, run.view())
  expect(plainLines(said, run.view()).lines).toEqual([])
})

test('an event list that lost its oldest does not repeat itself', () => {
  const run = createFakeRun({ seed: 1 })
  for (let second = 0; second < 20; second++) run.step()
  const { said } = plainLines(nothingSaid, run.view())
  const later = { ms: 99_000, kind: 'note', text: 'later' } as const
  const { lines } = plainLines(said, { ...run.view(), events: [later] })
  expect(lines).toEqual(['t=01:39 note: later'])
})
