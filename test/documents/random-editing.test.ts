import { describe, expect, test } from 'vitest'
import { seed } from '../parts/seed.ts'
import { versions } from './parts/editors.ts'
import { writeAnywhere } from './parts/random-neighbours.ts'
import { runSession } from './parts/random-session.ts'

/** Some ten seconds of one processor. `npm run test:editing -- --steps 100000` does more. */
const sessions = 120
const steps = 100

describe(`random editing with undo and redo (seed ${seed})`, () => {
  test('nothing that Yjs 13.5, 13.6 or 14 writes is refused, and all who read it agree', () => {
    let updates = 0
    let undone = 0
    const faults: string[] = []
    for (let index = 0; index < sessions; index += 1) {
      const report = runSession({ seed: seed + index, steps, versions })
      updates += report.updates
      undone += report.undone
      faults.push(...report.faults)
    }
    expect(faults).toEqual([])
    // A session in which nothing happened would show nothing.
    expect(updates).toBeGreaterThan(sessions * 10)
    expect(undone).toBeGreaterThan(sessions * 5)
  }, 240_000)

  test('items with arbitrary neighbors are refused or have the same order for every reader', () => {
    const reports = Array.from({ length: 500 }, (_, index) => writeAnywhere(seed + index, 14))
    expect(reports.flatMap(({ differing }) => differing)).toEqual([])
    expect(reports.reduce((sum, { accepted }) => sum + accepted, 0)).toBeGreaterThan(2_500)
    expect(reports.reduce((sum, { refused }) => sum + refused, 0)).toBeGreaterThan(10)
  }, 120_000)
})
