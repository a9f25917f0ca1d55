import { type Fields, isAbsentOr, isListOf, isNumber, isObject, isText } from './checks.ts'
import type { HistoryPart } from './messages.ts'

/** Whether something is a part of a history, down to its last step. */
export function isHistoryPart(value: unknown): value is HistoryPart {
  return (
    isObject(value) &&
    isListOf(value['attempts'], isAttempt) &&
    isListOf(value['subscriptions'], isSubscription) &&
    isListOf(value['ends'], isEnd)
  )
}

function isAttempt(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['channel']) &&
    isText(value['id']) &&
    isNumber(value['invokedMs']) &&
    isObject(value['outcome']) &&
    isOutcome(value['outcome'])
  )
}

function isOutcome({ kind, offset, atMs }: Fields): boolean {
  if (kind === 'ok') return isNumber(offset) && isNumber(atMs)
  return kind === 'refused' || kind === 'unknown'
}

function isSubscription(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['name']) &&
    isText(value['channel']) &&
    isAbsentOr(value['others'], isNumber) &&
    isListOf(value['steps'], (step) => isObject(step) && isStep(step))
  )
}

function isStep({ kind, after, offset, id, from, to }: Fields): boolean {
  switch (kind) {
    case 'start':
    case 'resume':
      return isNumber(after)
    case 'event':
      return isNumber(offset) && isAbsentOr(id, isText)
    case 'gap':
      return isNumber(from) && isNumber(to)
    default:
      return false
  }
}

function isEnd(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['name']) &&
    isText(value['channel']) &&
    isAbsentOr(value['others'], isNumber) &&
    isNumber(value['last']) &&
    typeof value['live'] === 'boolean'
  )
}
