import { expect, test } from 'vitest'
import { createFakeRun } from '../../../../test/bench/parts/fake-run.ts'
import { measuredView } from './measured-view.ts'

function viewAfter(seconds: number) {
  const run = createFakeRun({ seed: 1 })
  for (let second = 0; second < seconds; second++) run.step()
  return run.view()
}

test('a run that goes on is shown as it is', () => {
  const view = viewAfter(45)
  expect(measuredView(view)).toBe(view)
})

test('a run that has ended is shown as it was in its last measured second', () => {
  const view = viewAfter(70)
  expect(view).toMatchObject({ phase: 'ended', second: { phase: 'drain' } })
  const shown = measuredView(view)
  expect(shown.second).toBe(view.seconds.findLast(({ phase }) => phase === 'measure'))
  expect(shown.second?.ledger.now.ready).toBeGreaterThan(49_000)
  const counts = view.seconds
    .filter(({ phase }) => phase === 'measure')
    .map(({ histograms }) => histograms.echo?.n ?? 0)
  expect(shown.headline.phase.n).toBe(counts.reduce((sum, count) => sum + count, 0))
})
