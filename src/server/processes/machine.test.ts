import { expect, test } from 'vitest'
import { kernelLimits, memoryOf, readMachine } from './machine.ts'

test('the limit of a control group is the memory there is', () => {
  expect(memoryOf(8e9, 2e9)).toBe(2e9)
})

test('a group without a limit, or none, leaves the machine', () => {
  expect(memoryOf(8e9, 2 ** 64)).toBe(8e9)
  expect(memoryOf(8e9, 0)).toBe(8e9)
})

test('the kernel says its limits in words between spaces and tabs', () => {
  const files: Readonly<Record<string, string>> = {
    '/proc/sys/fs/file-max': '2466160\n',
    '/proc/sys/net/core/somaxconn': '4096\n',
    '/proc/sys/net/ipv4/tcp_mem': '287898\t383865\t575796\n',
  }
  expect(kernelLimits((path) => files[path])).toEqual({
    fileMax: 2_466_160,
    somaxconn: 4_096,
    tcpPressurePages: 383_865,
  })
})

test('what is not there, or is no number, is absent', () => {
  expect(kernelLimits(() => undefined)).toEqual({})
  expect(kernelLimits(() => '\n')).toEqual({})
  expect(kernelLimits(() => 'many more words')).toEqual({})
})

test('this machine has a core, memory and a heap', () => {
  const { cores, memoryBytes, heapLimitBytes } = readMachine()
  expect(Math.min(cores, memoryBytes, heapLimitBytes)).toBeGreaterThan(0)
})
