import { openSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openResidentMemory } from './resident-memory.ts'

test('resident memory is what Node says, and nothing once the look is closed', () => {
  const memory = openResidentMemory()
  const ratio = memory.bytes() / process.memoryUsage.rss()
  expect(ratio).toBeGreaterThan(0.5)
  expect(ratio).toBeLessThan(2)
  memory.close()
  memory.close()
  // Another file may have the number of the closed one.
  openSync('/proc/self/statm', 'r')
  expect(memory.bytes()).toBe(0)
})
