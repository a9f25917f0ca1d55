import { describe, expect, it } from 'vitest'
import {
  countEstablished,
  listenersIn,
  parseChildren,
  parseCounters,
  parseDescriptorsMax,
  parseKernelMemory,
  parseMeminfo,
  parseRollup,
  parseSockstat,
  parseStat,
  parseStatm,
} from './proc-texts.ts'

// Texts of a Linux 6.18; long ones are cut.
const stat =
  '22505 (node (x) y) S 22502 22496 20795 0 -1 4194304 97 0 0 0 1520 311 0 0 20 0 11 0 1710584 3133440 360'
const sockstat = `sockets: used 14
TCP: inuse 18003 orphan 2 tw 53090 alloc 18010 mem 104
UDP: inuse 0 mem 0
`
const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 192 1 0000000090e2a3fc 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 201 1 0000000090e2a3fd 20 4 30 10 -1
   2: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 202 1 0000000090e2a3fe 20 4 30 10 -1
   3: 0100007F:1F90 0100007F:C351 06 00000000:00000000 03:00000172 00000000     0        0 0 3 0000000090e2a3ff
`
const tcp6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 193 1 0000000090e2a3fc 100 0 0 10 0
`

describe('texts of /proc', () => {
  it('a process name with spaces and brackets does not shift the fields', () => {
    expect(parseStat(stat)).toEqual({ ticks: 1831, parent: 22502 })
  })

  it('a process is weighed by its share of what it shares', () => {
    const rollup =
      '5587-7ffc ---p 00000000 00:00 0 [rollup]\nRss:    90000 kB\nPss:    42000 kB\nPss_Anon: 41000 kB\n'
    expect(parseRollup(rollup)).toBe(42_000 * 1_024)
    expect(parseRollup('')).toBeUndefined()
  })

  it('the kernel’s memory is the sum of its parts, or nothing when one is not told', () => {
    const meminfo = 'KernelStack:    1000 kB\nPageTables:    200 kB\nSlab:     30000 kB\n'
    expect(parseKernelMemory(meminfo)).toBe(31_200 * 1_024)
    expect(parseKernelMemory('Slab:     30000 kB\n')).toBeUndefined()
  })

  it('a text of a process that is gone gives nothing', () => {
    expect(parseStat('')).toBeUndefined()
    expect(parseStatm('')).toBeUndefined()
    expect(parseSockstat('')).toBeUndefined()
    expect(parseDescriptorsMax('')).toBeUndefined()
    expect(parseCounters('', 'TcpExt')).toEqual({})
    expect(countEstablished('', [8080])).toBe(0)
  })

  it('resident pages are the second number of statm', () => {
    expect(parseStatm('765 405 376 5 0 123 0\n')).toBe(405)
  })

  it('children are read, also when there are none', () => {
    expect(parseChildren('101 102 \n')).toEqual([101, 102])
    expect(parseChildren('\n')).toEqual([])
  })

  it('sockets in use, in TIME_WAIT, orphans and pages are read by name', () => {
    expect(parseSockstat(sockstat)).toEqual({
      inUse: 18003,
      timeWait: 53090,
      orphans: 2,
      memoryPages: 104,
    })
  })

  it('counters stand under their names', () => {
    const text =
      'TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 0 3203 3210\nIpExt: InNoRoutes\nIpExt: 7\n'
    expect(parseCounters(text, 'TcpExt')).toEqual({
      SyncookiesSent: 0,
      ListenOverflows: 3203,
      ListenDrops: 3210,
    })
  })

  it('memory is in bytes', () => {
    const text = 'MemTotal:       23988888 kB\nSlab:             278104 kB\nSReclaimable: 1 kB\n'
    expect(parseMeminfo(text, 'Slab')).toBe(278104 * 1024)
    expect(parseMeminfo(text, 'Swap')).toBeUndefined()
  })

  it('the soft limit of open files is read', () => {
    const text = `Limit                     Soft Limit           Hard Limit           Units
Max processes             93658                93658                processes
Max open files            1024                 20000                files
`
    expect(parseDescriptorsMax(text)).toBe(1024)
  })

  it("only established sockets whose local port is the server's are counted", () => {
    expect(countEstablished(tcp, [8080])).toBe(1)
    expect(countEstablished(tcp, [8080, 50000])).toBe(2)
    expect(countEstablished(tcp6, [8080])).toBe(0)
  })

  it('a socket whose line the kernel repeats is counted once', () => {
    const repeated =
      '  51: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 201 1 0000000090e2a3fd 21 4 30 10 -1'
    expect(countEstablished(`${tcp}${repeated}\n`, [8080])).toBe(1)
  })

  it('listeners are found by port, in both families', () => {
    expect(listenersIn(tcp, 8080)).toEqual(['192'])
    expect(listenersIn(tcp6, 8080)).toEqual(['193'])
    expect(listenersIn(tcp, 8081)).toEqual([])
  })
})
