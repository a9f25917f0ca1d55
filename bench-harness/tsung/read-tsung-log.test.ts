import { describe, expect, it } from 'vitest'
import { readTsungLog } from './read-tsung-log.ts'

/** Of a run in which users began, and then left one after another. */
const log = `# stats: dump at 1795540471
stats: users 1241 1241
stats: {cpu,"tsung_controller@client"} 1 29.263451745436765 0 29.263451745436765 29.263451745436765 0 0
stats: users_count 1241 1241
stats: connect 1175 0.8360944680851058 0.5937947969315787 9.414 0.301 0 0
stats: connected 1175 1175
stats: websocket_succ 1175 1175
# stats: dump at 1795540481
stats: users 332 3000
stats: connect 0 0 0 9.414 0.301 0.871762 3000
stats: connected -777 398
stats: websocket_succ 1825 3000
stats: websocket_fail 2 2
stats: error_connect_nxdomain 4 5
EndMonitor:{1795,540482,273443}
`

describe("Tsung's log", () => {
  it('gives users and connected at each dump, the sum of what connected says', () => {
    expect(readTsungLog(log)).toEqual({
      dumps: [
        {
          atMs: 10_000,
          users: 1_241,
          connected: 1_175,
          upgraded: 1_175,
          notUpgraded: 0,
          errors: {},
        },
        {
          atMs: 20_000,
          users: 332,
          connected: 398,
          upgraded: 3_000,
          notUpgraded: 2,
          errors: { error_connect_nxdomain: 5 },
        },
      ],
      unread: 0,
    })
  })

  it('that was cut has one line that says nothing', () => {
    expect(readTsungLog(log.slice(0, log.indexOf('540482')))).toMatchObject({ unread: 0 })
    expect(readTsungLog(log.slice(0, log.indexOf('stats: connected -') + 12))).toMatchObject({
      unread: 1,
    })
  })

  it('with nothing in it has no dumps', () => {
    expect(readTsungLog('')).toEqual({ dumps: [], unread: 0 })
  })
})
