import { describe, expect, it } from 'vitest'
import { RusherError } from '../../src/protocol/index.ts'
import { parseBlock, parsePageBytes } from './ssh-block.ts'
import { scriptOf } from './ssh-script.ts'
import { sshArgumentsOf } from './ssh-server-side.ts'

// As `tail` on Debian 12 printed it; /proc/net/netstat and the threads are cut.
const block = `==> /proc/uptime <==
17255.40 31003.23

==> /proc/net/sockstat <==
sockets: used 117
TCP: inuse 102 orphan 0 tw 7 alloc 104 mem 360
UDP: inuse 0 mem 0

==> /proc/net/netstat <==
TcpExt: SyncookiesSent ListenOverflows TCPSynRetrans
TcpExt: 0 3203 2488
IpExt: InNoRoutes
IpExt: 0

==> /proc/meminfo <==
MemTotal:       23988888 kB
Slab:             276280 kB

==> /proc/811/stat <==
811 (node) S 800 811 800 0 -1 4194304 97 0 0 0 152 31 0 0 20 0 11 0 1710584 3133440 360

==> /proc/811/statm <==
265000 12252 11000 500 0 20000 0

==> /proc/811/limits <==
Limit                     Soft Limit           Hard Limit           Units
Max open files            20000                20000                files

==> /proc/811/task/811/stat <==
811 (node) S 800 811 800 0 -1 4194304 97 0 0 0 120 30 0 0 20 0 11 0 1710584 3133440 360

==> /proc/811/task/815/stat <==
815 (V8Worker) S 800 811 800 0 -1 4194304 97 0 0 0 32 1 0 0 20 0 11 0 1710584 3133440 360
@fd /proc/811/fd 73

@established 50
@file 4096
@file 1311

`

describe("the server's machine over ssh", () => {
  it('is read from one block of texts', () => {
    expect(parseBlock(block)).toEqual({
      atMs: 17_255_400,
      processes: [
        {
          pid: 811,
          ticks: 183,
          threadTicks: new Map([
            [811, 150],
            [815, 33],
          ]),
          rssPages: 12252,
          descriptors: 73,
          descriptorsMax: 20000,
        },
      ],
      tcpExt: { SyncookiesSent: 0, ListenOverflows: 3203, TCPSynRetrans: 2488 },
      sockets: { inUse: 102, timeWait: 7, orphans: 0, memoryPages: 360 },
      slabBytes: 276280 * 1024,
      established: 50,
      databaseBytes: 5407,
    })
  })

  it('gives no descriptors when the kernel tells no size', () => {
    const [process] = parseBlock(block.replace('/fd 73', '/fd 0'))?.processes ?? []
    expect(process?.descriptors).toBeUndefined()
  })

  it('that says nothing gives nothing', () => {
    expect(parseBlock('')).toBeUndefined()
    expect(parsePageBytes('@pages \n')).toBeUndefined()
    expect(parsePageBytes('@pages 16384\n')).toBe(16384)
  })

  it('is reached by words of which none is taken from the user unread', () => {
    const words = sshArgumentsOf({ destination: 'me@box1:2222', ports: [8080] })
    expect(words.slice(0, 5)).toEqual(['-T', '-x', '-a', '-e', 'none'])
    expect(words.slice(-7, -1)).toEqual(['-l', 'me', '-p', '2222', '--', 'box1'])
    expect(words.at(-1)).toMatch(/^sh -c 'eval "\$\(echo [A-Za-z0-9+/=]+ \| base64 -d\)"'$/)
  })

  it.each(['-oProxyCommand=x', 'box1 rm', 'a@-b', 'box;x', '', 'box:port'])(
    'is refused when it is written as "%s"',
    (destination) => {
      expect(() => sshArgumentsOf({ destination, ports: [8080] })).toThrow(RusherError)
    },
  )

  it('has a path with a quote in it as one word', () => {
    const script = scriptOf({ ports: [1, 2], databaseFile: "/tmp/it's; rm x" })
    expect(script).toContain(`file='/tmp/it'\\''s; rm x'\n`)
    expect(script).toContain(`filter='( sport = :1 or sport = :2 )'\n`)
  })
})
