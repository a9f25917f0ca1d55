import { expect, test } from 'vitest'
import { resume } from './position.ts'

const log = { epoch: 'e1', begin: 5, head: 9 }

test('inside the log, reading goes on behind what was seen', () => {
  expect(resume({ epoch: 'e1', offset: 7 }, log)).toEqual({ after: 7 })
  expect(resume({ epoch: 'e1', offset: 9 }, log)).toEqual({ after: 9 })
  expect(resume({ epoch: 'e1', offset: 4 }, log)).toEqual({ after: 4 })
})

test('what retention has cut is named, both ends included', () => {
  expect(resume({ epoch: 'e1', offset: 1 }, log)).toEqual({
    after: 4,
    gap: { from: 2, to: 4, reason: 'trimmed' },
  })
})

test('a log that was emptied names everything up to its head', () => {
  expect(resume({ epoch: 'e1', offset: 3 }, { epoch: 'e1', begin: 10, head: 9 })).toEqual({
    after: 9,
    gap: { from: 4, to: 9, reason: 'trimmed' },
  })
})

test('another epoch, or an offset beyond the head, is another log', () => {
  const gap = { from: 1, to: 9, reason: 'epoch' }
  expect(resume({ epoch: 'e0', offset: 7 }, log)).toEqual({ after: 9, gap })
  expect(resume({ epoch: 'e1', offset: 10 }, log)).toEqual({ after: 9, gap })
})

test('before the first event there is a position too', () => {
  expect(resume({ epoch: 'e1', offset: 0 }, { epoch: 'e1', begin: 1, head: 0 })).toEqual({
    after: 0,
  })
})
