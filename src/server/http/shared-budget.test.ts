import { expect, test } from 'vitest'
import { SharedBudget } from './shared-budget.ts'

test('one holder cannot take all, and all together no more than there are', () => {
  const budget = new SharedBudget(5, 3)
  expect([1, 2, 3, 4].map(() => budget.take('ann', 1))).toEqual([true, true, true, false])
  expect([budget.isUsedUpBy('ann'), budget.isUsedUpBy('bob')]).toEqual([true, false])
  expect([budget.take('bob', 3), budget.take('bob', 2), budget.held]).toEqual([false, true, 5])
  budget.giveBack('ann', 2)
  expect([budget.take('bob', 1), budget.take('ann', 2), budget.held]).toEqual([true, false, 4])
})
