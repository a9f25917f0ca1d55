import { Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import type { Result } from '../../../bench-harness/bundle/bundle.ts'
import { createFakeRun } from '../../../test/bench/parts/fake-run.ts'
import { finalWords, stepSummary } from './final-words.ts'

async function fakeEnd(): Promise<Result> {
  const run = createFakeRun({ seed: 1 })
  for (let second = 0; second < 64; second++) run.step()
  return run.ended
}

const pipe = new Writable()
const words = (result: Result) =>
  stripVTControlCharacters(finalWords(result, { stream: pipe, report: '/r/report.html' }))

test('the first words are the verdict and why', async () => {
  expect(words(await fakeEnd()).trimStart()).toMatch(
    /^✗ FAIL {2}echo against ws:\/\/10\.1\.0\.100:9000\/v1: 149,940 sent, 149,940 acknowledged, 149,940 delivered; 2 connections were lost; the threshold is loss=0\n/,
  )
})

test('on a terminal no line is wider than it, but for a word that is', async () => {
  const result = await fakeEnd()
  for (const columns of [80, 100, 120]) {
    const text = stripVTControlCharacters(finalWords(result, { stream: pipe, columns }))
    const tooLong = text.split('\n').filter((line) => line.length > columns)
    expect(tooLong).toEqual([])
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      '2 connections were lost; the threshold is loss=0',
    )
  }
})

test('the books are told in full: ready, tcp, ws, lost, and failed by cause with what was seen', async () => {
  const text = words(await fakeEnd())
  expect(text).toContain('ready      49,978 of 50,000, 99.95 %')
  expect(text).toContain('at most 49,978 at once; the server says 49,981; its kernel says 49,981')
  expect(text).toMatch(/lost {7}2\n/)
  expect(text).toMatch(/failed {5}24\n/)
  expect(text).toMatch(
    /refused +12 {2}14:03:14 10\.1\.0\.3:40007 -> 10\.1\.0\.100:9000: .*ECONNREFUSED/,
  )
})

test('history, limiter, bundle and report are told', async () => {
  const text = words(await fakeEnd())
  expect(text).toContain(
    'history    0 lost, 0 unanswered, 0 duplicated, 0 gaps (counted by the subscribers;',
  )
  expect(text).toContain(
    'bottleneck accept backlog, on the side of the server: ListenOverflows grew',
  )
  expect(text).toContain('bundle     /home/me/runs/2026-10-12-7f3a2c')
  expect(text).toContain('report     /r/report.html')
})

test('a percentile with too few samples is a dash, and n stands beside them', async () => {
  const [head = '', row = ''] = words(await fakeEnd())
    .split('\n')
    .filter((line) => /^ {2}(latency|echo) /.test(line))
  expect(head.trim().split(/\s+/)).toEqual('latency n p50 p90 p99 p99.9 p99.99 max'.split(' '))
  expect(row).toMatch(/echo +36,000 +[\d.]+ ms .* - +\d+ ms$/)
})

test('books that did not balance are said not to be trusted', async () => {
  const result = await fakeEnd()
  const text = words({ ...result, ledger: { ...result.ledger, balanced: false } })
  expect(text).toContain('The books did not balance')
})

test('a maximum that the clients bounded is called a lower bound', async () => {
  const search = {
    pass: 240_000,
    clientLimited: true,
    reason: 'source ports ran out',
    confirmed: false,
    levels: [],
  }
  const text = words({ ...(await fakeEnd()), search })
  expect(text).toContain('at least 240,000; the clients were the bottleneck (source ports ran out;')
})

test('a step summary is Markdown tables, and a bar in a text does not break one', async () => {
  const result = await fakeEnd()
  const limiter = { resource: 'a|b', side: 'unknown', proof: 'none' } as const
  const text = stepSummary({ ...result, limiter })
  expect(text).toMatch(/^### ✗ FAIL: echo against /)
  expect(text).toContain('| bottleneck | a\\|b, side unknown: none |')
  expect(text).toContain('| latency | n | p50 | p90 | p99 | p99.9 | p99.99 | max |')
})
