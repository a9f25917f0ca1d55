import { expect, test } from 'vitest'
import { RefusalReporter } from './refusal-report.ts'

function reporter() {
  let nowMs = 5_000
  const lines: { fields: object; message: string }[] = []
  const counted: string[] = []
  const count = (kind: string) => (reason: string) => void counted.push(`${kind} ${reason}`)
  const reports = new RefusalReporter({
    log: { warn: (fields, message) => void lines.push({ fields, message }) },
    metrics: {
      upgradeRefused: count('upgrade'),
      requestRefused: count('request'),
      tokenRefused: count('token'),
    },
    monotonicMs: () => nowMs,
  })
  const pass = (ms: number): void => {
    nowMs += ms
  }
  return { reports, lines, counted, pass }
}

const foreign = { origin: 'https://app.example', host: '127.0.0.1:8080' }

test('a refusal is logged at once, with what to do, and each is counted by its reason', () => {
  const { reports, lines, counted } = reporter()
  reports.upgrade('origin', foreign)
  reports.upgrade('origin', foreign)
  reports.request('host', { host: 'evil.example' })
  reports.token('expired', 'it expired 40 s ago')
  expect(counted).toEqual(['upgrade origin', 'upgrade origin', 'request host', 'token expired'])
  expect(lines).toHaveLength(3)
  expect(lines[0]?.fields).toEqual({ reason: 'origin', count: 1, ...foreign })
  expect(lines[0]?.message).toContain('`origins`')
  expect(lines[1]?.message).toContain('--allowed-host')
  expect(lines[2]?.fields).toEqual({ reason: 'expired', count: 1, detail: 'it expired 40 s ago' })
})

test('each cause is logged once a minute with a count', () => {
  const { reports, lines, pass } = reporter()
  for (let second = 0; second < 61; second += 1) {
    reports.upgrade('origin', foreign)
    pass(1_000)
  }
  expect(lines.map(({ fields }) => fields)).toMatchObject([
    { reason: 'origin', count: 1 },
    { reason: 'origin', count: 60 },
  ])
  reports.upgrade('version', foreign)
  expect(lines).toHaveLength(3)
})

test('what a peer sent is cut before it is logged, and what it did not send is left out', () => {
  const { reports, lines } = reporter()
  reports.upgrade('origin', { origin: 'x'.repeat(5_000) })
  expect(lines[0]?.fields).toEqual({ reason: 'origin', count: 1, origin: 'x'.repeat(200) })
})

test('of the headers of a request, only the origin and the host are logged', () => {
  const { reports, lines } = reporter()
  const headers = { ...foreign, cookie: 'sid=hush', authorization: 'Bearer hush' }
  reports.request('origin', headers)
  reports.upgrade('origin', headers)
  expect(lines.map(({ fields }) => fields)).toEqual([
    { reason: 'origin', count: 1, ...foreign },
    { reason: 'origin', count: 1, ...foreign },
  ])
})

test('a server that drains says nothing of those whom it sends elsewhere', () => {
  const { reports, lines, counted } = reporter()
  reports.upgrade('draining', foreign)
  expect([lines, counted]).toEqual([[], ['upgrade draining']])
})

test('a reason that an auth made up is one label, so that labels stay few', () => {
  const { reports, lines, counted } = reporter()
  reports.token('no seat for ann', undefined)
  reports.token('no seat for bob', undefined)
  expect(counted).toEqual(['token other', 'token other'])
  expect(lines).toHaveLength(1)
  expect(lines[0]?.fields).toEqual({ reason: 'other', count: 1, detail: 'no seat for ann' })
})
