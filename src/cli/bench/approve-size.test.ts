import { expect, test, vi } from 'vitest'
import { madeFacts } from '../../../test/parts/made-facts.ts'
import { type ApprovalParts, approveSize } from './approve-size.ts'

const plan = { connections: 300_000, arrivalsPerSecond: 1_000 }
const urls = Array.from({ length: 30 }, (_, no) => `ws://127.0.0.${no + 1}:8080/rusher`)

function parts(freeBytes: number, more: Pick<Partial<ApprovalParts>, 'ask' | 'yes'> = {}) {
  const say = vi.fn<(text: string) => void>()
  return { facts: madeFacts({ freeBytes }), urls, yes: false, ask: undefined, say, ...more }
}

test('a run of usual size is not spoken of', async () => {
  const few = parts(10e9)
  await approveSize({ connections: 1_000, arrivalsPerSecond: 100 }, true, few)
  expect(few.say).not.toHaveBeenCalled()
})

test('a large run is estimated and asked about, and not begun without a yes', async () => {
  const questions: string[] = []
  const answer = (yes: boolean) => (question: string) => {
    questions.push(question)
    return Promise.resolve(yes)
  }
  const accepted = parts(20e9, { ask: answer(true) })
  await approveSize(plan, true, accepted)
  expect(accepted.say.mock.calls.join()).toContain('300,000 connections')
  await expect(approveSize(plan, true, parts(20e9, { ask: answer(false) }))).rejects.toMatchObject({
    code: 'USAGE',
  })
  await approveSize(plan, true, parts(4e9, { ask: answer(true) }))
  expect(questions).toEqual([
    'Begin? [y/N] ',
    'Begin? [y/N] ',
    'It does not fit. Begin anyway? [y/N] ',
  ])
})

test('without a terminal a short run goes on, and a hopeless one is refused', async () => {
  await approveSize(plan, true, parts(4e9))
  await expect(approveSize(plan, true, parts(2e9))).rejects.toThrow(/-n 90000, .*or with --yes$/)
})

test('--yes starts every run, and still says what it needs', async () => {
  const hopeless = parts(2e9, { yes: true })
  await approveSize(plan, true, hopeless)
  expect(hopeless.say).toHaveBeenCalledOnce()
})
