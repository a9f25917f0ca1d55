import { readFileSync, statSync } from 'node:fs'
import { monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks'
import type { WorkerHealth } from '../control/messages.ts'
import { parseRollup } from '../server-side/proc-texts.ts'

/** The kernel goes through all pages to tell PSS, which takes milliseconds: once in so many readings. */
const weighEvery = 10

/** Reads how a worker itself fares. Each reading covers the time since the one before. */
export interface HealthReader {
  read(lagP99Ms: number, portsLeft: number | undefined): WorkerHealth
  stop(): void
}

/** @param resolutionMs How often the event loop's delay is looked at: each look wakes the process. */
export function createHealthReader(resolutionMs: number): HealthReader {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs })
  delays.enable()
  let gcMs = 0
  const collections = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) gcMs += duration
  })
  collections.observe({ entryTypes: ['gc'] })
  const descriptorsMax = softLimit()
  let loop = performance.eventLoopUtilization()
  let cpu = process.cpuUsage()
  let atMs = performance.now()
  let ticks = readTicks()
  let rssBytes = 0
  let pssBytes: number | undefined
  let readings = 0

  return {
    read(lagP99Ms, portsLeft) {
      const nowMs = performance.now()
      const { utilization } = performance.eventLoopUtilization(loop)
      const used = process.cpuUsage(cpu)
      const nowTicks = readTicks()
      rssBytes = readRss() ?? rssBytes
      if (readings % weighEvery === 0) pssBytes = readPss() ?? pssBytes
      readings += 1
      const health: WorkerHealth = {
        loopUse: round(utilization),
        // The histogram's resolution is part of every value.
        loopDelayP99Ms: round(Math.max(0, delays.percentile(99) / 1e6 - resolutionMs)),
        loopDelayMaxMs: round(Math.max(0, delays.max / 1e6 - resolutionMs)),
        lagP99Ms: round(lagP99Ms),
        cpu: round((used.user + used.system) / 1_000 / (nowMs - atMs)),
        gcMs: round(gcMs),
        rssBytes,
        ...(pssBytes === undefined ? {} : { pssBytes }),
        descriptors: openDescriptors(),
        descriptorsMax,
        ...(portsLeft === undefined ? {} : { portsLeft }),
        ...hostHealth(ticks, nowTicks),
      }
      loop = performance.eventLoopUtilization()
      cpu = process.cpuUsage()
      atMs = nowMs
      ticks = nowTicks
      gcMs = 0
      delays.reset()
      return health
    },
    stop() {
      delays.disable()
      collections.disconnect()
    },
  }
}

function round(value: number): number {
  return Number.isFinite(value) ? Math.round(value * 1_000) / 1_000 : 0
}

function hostHealth(before: Ticks | undefined, after: Ticks | undefined) {
  const pressure = /^some avg10=([\d.]+)/.exec(readText('/proc/pressure/cpu') ?? '')?.[1]
  const all = before && after ? after.all - before.all : 0
  return {
    ...(before && after && all > 0 ? { steal: round((after.steal - before.steal) / all) } : {}),
    ...(pressure === undefined ? {} : { pressure: Number(pressure) }),
  }
}

interface Ticks {
  readonly all: number
  readonly steal: number
}

function readTicks(): Ticks | undefined {
  const line = /^cpu +(.+)$/m.exec(readText('/proc/stat') ?? '')?.[1]
  if (line === undefined) return undefined
  const fields = line.split(' ').map(Number)
  return { all: fields.slice(0, 8).reduce((sum, one) => sum + one, 0), steal: fields[7] ?? 0 }
}

function readRss(): number | undefined {
  const pages = Number(readText('/proc/self/statm')?.split(' ')[1])
  return Number.isFinite(pages) ? pages * 4_096 : undefined
}

function readPss(): number | undefined {
  return parseRollup(readText('/proc/self/smaps_rollup') ?? '')
}

/** Linux 6.2 and later give the number of open descriptors as the folder's size. */
function openDescriptors(): number {
  try {
    return statSync('/proc/self/fd').size
  } catch {
    // Another system, or no descriptor left to look with: the books of the connections still count.
    return 0
  }
}

function softLimit(): number {
  const soft = /^Max open files +(\d+)/m.exec(readText('/proc/self/limits') ?? '')?.[1]
  return soft === undefined ? 0 : Number(soft)
}

/** The text of a file of /proc, or nothing where there is none or no descriptor is left to read it. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
