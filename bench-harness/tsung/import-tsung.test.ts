import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { importTsung } from './import-tsung.ts'
import { fillText, type TsungScript, usersOf } from './script.ts'

interface Parts {
  readonly clients?: string
  readonly servers?: string
  readonly load?: string
  readonly options?: string
  readonly sessions?: string
}

const connect = '<request><websocket type="connect" path="/ws"/></request>'
const session = (steps: string, more = 'probability="100"'): string =>
  `<session name="s" ${more} type="ts_websocket">${steps}</session>`

/** A configuration of six lines; the sessions are on the last. */
function configuration(parts: Parts): string {
  const {
    clients = '<client host="localhost" use_controller_vm="true"/>',
    servers = '<server host="10.0.0.5" port="8080" type="tcp"/>',
    load = '<load><arrivalphase phase="1" duration="10" unit="second"><users arrivalrate="5" unit="second"/></arrivalphase></load>',
    options = '',
    sessions = session(connect),
  } = parts
  return [
    '<?xml version="1.0"?><!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd"><tsung>',
    `<clients>${clients}</clients>`,
    `<servers>${servers}</servers>`,
    load,
    `<options>${options}</options>`,
    `<sessions>${sessions}</sessions></tsung>`,
  ].join('\n')
}

function imported(parts: Parts): {
  readonly script: TsungScript
  readonly notes: readonly string[]
} {
  const result = importTsung(configuration(parts))
  if ('mistakes' in result) throw new Error(JSON.stringify(result.mistakes))
  return result
}

function mistakesOf(parts: Parts): readonly string[] {
  const result = importTsung(configuration(parts))
  return 'mistakes' in result
    ? result.mistakes.map(({ line, message }) => `${line}: ${message}`)
    : []
}

const stepsOf = (steps: string, options = '') =>
  imported({ sessions: session(steps), options }).script.sessions[0]?.steps

/** As somebody would write it who tests a chat: two kinds of users, a ramp and a plateau. */
const chat = `<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE tsung SYSTEM "/usr/local/share/tsung/tsung-1.0.dtd">
<!-- chat, spring release -->
<tsung loglevel="notice" dumptraffic="false" version="1.0">
  <clients>
    <client host="load1" maxusers="40000"><ip value="10.1.0.1"/><ip value="10.1.0.2"/></client>
    <client host="load2" maxusers="40000" cpu="4"/>
  </clients>
  <servers>
    <server host="chat.internal" port="9000" type="tcp"/>
  </servers>
  <monitoring><monitor host="chat.internal" type="erlang"/></monitoring>
  <load duration="1" unit="hour">
    <arrivalphase phase="2" duration="10" unit="minute">
      <users interarrival="0.02" unit="second"/>
    </arrivalphase>
    <arrivalphase phase="1" duration="2" unit="minute">
      <users arrivalrate="600" unit="minute" maxnumber="1000"/>
    </arrivalphase>
  </load>
  <options>
    <option name="thinktime" value="3" random="true" override="false"/>
    <option name="ports_range" min="1025" max="65535"/>
    <option name="tcp_snd_buffer" value="16384"/>
  </options>
  <sessions>
    <session name="talker" weight="1" type="ts_websocket">
      <setdynvars sourcetype="random_string" length="8"><var name="room"/></setdynvars>
      <setdynvars sourcetype="random_number" start="1" end="500"><var name="n"/></setdynvars>
      <request subst="true"><websocket type="connect" path="/chat?room=%%_room%%"/></request>
      <transaction name="talk">
        <for var="i" from="1" to="5">
          <request subst="true">
            <websocket type="message" frame="text">{"say":"%%_i%% of %%_n%%","by":%%_tsung_userid%%}</websocket>
          </request>
          <thinktime value="2" random="true"/>
        </for>
      </transaction>
      <thinktime/>
      <request><websocket type="message" frame="text" ack="no_ack"><![CDATA[<bye & thanks>]]></websocket></request>
      <request><websocket type="close"/></request>
    </session>
    <session name="listener" weight="9" type="ts_websocket">
      <request><websocket type="connect" path="/chat" origin="https://chat.example" subprotocols="v2"/></request>
      <thinktime value="wait_bidi"/>
      <thinktime min="30" max="90"/>
    </session>
  </sessions>
</tsung>`

describe('a chat with talkers and listeners', () => {
  const result = importTsung(chat)
  if ('mistakes' in result) throw new Error(JSON.stringify(result.mistakes))
  const { script, notes } = result

  it('has its phases in order, with the rate a second and the end', () => {
    expect(script.phases).toEqual([
      { durationMs: 120_000, usersPerSecond: 10, usersMax: 1_000 },
      { durationMs: 600_000, usersPerSecond: 50 },
    ])
    expect(script.phases.map(usersOf)).toEqual([1_000, 30_000])
    expect(script.endsAfterMs).toBe(3_600_000)
  })

  it('has servers, and clients with their addresses and ports', () => {
    expect(script.servers).toEqual([{ host: 'chat.internal', port: 9_000, tls: false, weight: 1 }])
    expect(script.clients).toEqual([
      {
        host: 'load1',
        usersMax: 40_000,
        addresses: ['10.1.0.1', '10.1.0.2'],
        ports: [1_025, 65_535],
      },
      { host: 'load2', usersMax: 40_000, addresses: [], ports: [1_025, 65_535] },
    ])
  })

  it('has the steps of each kind of user', () => {
    const [talker, listener] = script.sessions
    expect(talker?.weight).toBe(1)
    expect(talker?.steps).toEqual([
      { kind: 'set', variables: ['room'], value: { kind: 'random_text', chars: 8 } },
      { kind: 'set', variables: ['n'], value: { kind: 'random_number', from: 1, to: 500 } },
      { kind: 'connect', path: ['/chat?room=', { variable: 'room' }] },
      {
        kind: 'repeat',
        times: 5,
        counter: { variable: 'i', from: 1, step: 1 },
        steps: [
          {
            kind: 'message',
            text: [
              '{"say":"',
              { variable: 'i' },
              ' of ',
              { variable: 'n' },
              '","by":',
              { variable: 'tsung_userid' },
              '}',
            ],
            frame: 'text',
            awaitsAnswer: true,
          },
          { kind: 'think', meanMs: 2_000, exponential: true },
        ],
      },
      { kind: 'think', meanMs: 3_000, exponential: true },
      { kind: 'message', text: ['<bye & thanks>'], frame: 'text', awaitsAnswer: false },
      { kind: 'close' },
    ])
    expect(listener?.steps).toEqual([
      { kind: 'connect', path: ['/chat'], subprotocols: 'v2', origin: 'https://chat.example' },
      { kind: 'hear' },
      { kind: 'think_between', fromMs: 30_000, toMs: 90_000 },
    ])
  })

  it('says what stays behind, with lines', () => {
    expect(notes).toEqual([
      expect.stringMatching(/^line 7: cpu="4"/),
      expect.stringMatching(/^line 12: <monitoring>/),
      expect.stringMatching(/^line 24: option tcp_snd_buffer/),
      expect.stringMatching(/^line 31: .*transaction "talk"/),
    ])
  })

  it('survives JSON', () => {
    expect(JSON.parse(JSON.stringify(script))).toEqual(script)
  })
})

describe('texts', () => {
  it('are left alone where substitution was not asked for', () => {
    expect(
      stepsOf(`${connect}<request><websocket type="message">%%_a%%</websocket></request>`)?.[1],
    ).toMatchObject({ text: ['%%_a%%'], frame: 'binary', awaitsAnswer: true })
  })

  it('lose the spaces around them and nothing else, as in Tsung', () => {
    const steps = stepsOf(
      `${connect}<request><websocket type="message">  a b\n </websocket></request>`,
    )
    expect(steps?.[1]).toMatchObject({ text: ['a b\n'] })
  })

  it('have the number of the user where they ask for a unique id, and a note for other functions', () => {
    const { script, notes } = imported({
      sessions: session(
        `${connect}<request subst="true"><websocket type="message">%%ts_user_server:get_unique_id%%-%%my:own%%</websocket></request>`,
      ),
    })
    expect(script.sessions[0]?.steps[1]).toMatchObject({
      text: [{ variable: 'tsung_userid' }, '-'],
    })
    expect(notes).toEqual([expect.stringContaining('my:own')])
  })

  it('are filled with the values of variables', () => {
    const text = ['a', { variable: 'b' }, { variable: 'c' }]
    expect(fillText(text, new Map([['b', '1']]))).toBe('a1undefined')
  })
})

describe('think times', () => {
  const think = (inner: string, option: string) => stepsOf(`${connect}${inner}`, option)?.[1]

  it('are those of the options where these override', () => {
    const option = '<option name="thinktime" value="7" override="true"/>'
    expect(think('<thinktime value="2" random="true"/>', option)).toEqual({
      kind: 'think',
      meanMs: 7_000,
      exponential: false,
    })
  })

  it('are five seconds where nobody says anything', () => {
    expect(think('<thinktime/>', '')).toEqual({ kind: 'think', meanMs: 5_000, exponential: false })
  })

  it('between two bounds can come from the options', () => {
    const option = '<option name="thinktime" min="1" max="3"/>'
    expect(think('<thinktime/>', option)).toEqual({
      kind: 'think_between',
      fromMs: 1_000,
      toMs: 3_000,
    })
  })

  it('that are variables become the usual one, with a note', () => {
    const { notes } = imported({ sessions: session(`${connect}<thinktime value="%%_t%%"/>`) })
    expect(notes).toEqual([expect.stringContaining('%%_t%%')])
  })
})

describe('loops', () => {
  it.each([
    ['from="1" to="10"', 10],
    ['from="1" to="10" incr="2"', 6],
    ['from="3" to="3"', 1],
    ['from="5" to="1"', 1],
  ])('with %s go round %i times', (bounds, times) => {
    const steps = stepsOf(`${connect}<for var="i" ${bounds}><thinktime value="1"/></for>`)
    expect(steps?.[1]).toMatchObject({ kind: 'repeat', times })
  })

  it('of a whole load are written out', () => {
    const load =
      '<load loop="2"><arrivalphase phase="1" duration="1" unit="second"><users arrivalrate="1" unit="second"/></arrivalphase></load>'
    expect(imported({ load }).script.phases).toHaveLength(3)
  })
})

describe('what cannot be carried over', () => {
  it.each([
    ['<if var="a" eq="1"><thinktime value="1"/></if>', '<if>'],
    ['<repeat name="r"><thinktime value="1"/><while var="a" eq="1"/></repeat>', '<repeat>'],
    ['<change_type new_type="ts_http" host="a" port="1" server_type="tcp"/>', '<change_type>'],
    ['<setdynvars sourcetype="file" fileid="f"><var name="v"/></setdynvars>', 'source "file"'],
    ['<request><match>ok</match><websocket type="close"/></request>', '<match>'],
    ['<request><dyn_variable name="v"/><websocket type="close"/></request>', 'variable "v"'],
    ['<request><http url="/"/></request>', '<http>'],
    ['<thinktime value="wait_global"/>', 'wait_global'],
    ['<surprise/>', '<surprise>'],
  ])('is noted: %s', (steps, words) => {
    const { notes } = imported({ sessions: session(`${connect}${steps}`) })
    expect(notes).toEqual([expect.stringMatching(/^line 6: /)])
    expect(notes[0]).toContain(words)
  })

  it.each(['websocket_path', 'max_retries', 'file_server', 'made_up'])(
    'is noted: option %s',
    (name) => {
      const { notes } = imported({ options: `<option name="${name}" value="1"/>` })
      expect(notes).toEqual([expect.stringContaining(name)])
    },
  )

  it('is noted: sessions of other kinds, whose share the others take', () => {
    const { script, notes } = imported({
      sessions: `<session name="web" probability="60" type="ts_http"/>${session(connect, 'probability="40"')}`,
    })
    expect(script.sessions.map(({ name }) => name)).toEqual(['s'])
    expect(notes).toEqual([expect.stringContaining('"web"')])
  })
})

describe('shares of sessions', () => {
  const two = `<session name="a1" weight="1" type="ts_websocket">${connect}</session><session name="b1" weight="2" type="ts_websocket">${connect}</session>`

  it('can differ in a phase, by wildcards too', () => {
    const load =
      '<load><arrivalphase phase="1" duration="1" unit="second"><session_setup name="a*" weight="5"/><users arrivalrate="1" unit="second"/></arrivalphase></load>'
    expect(imported({ load, sessions: two }).script.phases[0]?.weights).toEqual({ a1: 5 })
  })
})

describe('mistakes', () => {
  it.each<[string, Parts, RegExp]>([
    [
      'a rate that is none',
      {
        load: '<load><arrivalphase phase="1" duration="1" unit="second"><users arrivalrate="fast" unit="second"/></arrivalphase></load>',
      },
      /^4: arrivalrate="fast"/,
    ],
    [
      'two rates',
      {
        load: '<load><arrivalphase phase="1" duration="1" unit="second"><users arrivalrate="1" interarrival="1" unit="second"/></arrivalphase></load>',
      },
      /^4: .*both/,
    ],
    [
      'a unit that is none',
      {
        load: '<load><arrivalphase phase="1" duration="1" unit="day"><users arrivalrate="1" unit="second"/></arrivalphase></load>',
      },
      /^4: unit="day"/,
    ],
    [
      'a phase without users',
      { load: '<load><arrivalphase phase="1" duration="1" unit="second"/></load>' },
      /^4: .*no <users>/,
    ],
    ['no phase', { load: '<load/>' }, /^4: .*no <arrivalphase>/],
    [
      'a port beyond all',
      { servers: '<server host="a" port="70000" type="tcp"/>' },
      /^3: port="70000"/,
    ],
    [
      'a server of another kind',
      { servers: '<server host="a" port="1" type="udp"/>' },
      /^3: type="udp"/,
    ],
    ['no server', { servers: '' }, /^3: there is no <server>/],
    [
      'no WebSocket session',
      { sessions: '<session name="a" probability="100" type="ts_http"/>' },
      /^6: .*ts_websocket/,
    ],
    [
      'probabilities that are not 100',
      { sessions: session(connect, 'probability="90"') },
      /^6: .*90/,
    ],
    [
      'probabilities beside weights',
      {
        sessions: `${session(connect)}<session name="b" weight="1" type="ts_websocket">${connect}</session>`,
      },
      /^6: .*either/,
    ],
    [
      'a session that never connects',
      { sessions: session('<thinktime value="1"/>') },
      /^6: .*never connects/,
    ],
    [
      'a message before the connect',
      { sessions: session(`<request><websocket type="message">a</websocket></request>${connect}`) },
      /^6: .*before/,
    ],
    [
      'a header that would be two',
      {
        sessions: session(
          '<request><websocket type="connect"><http_header name="a" value="b&#13;&#10;c: d"/></websocket></request>',
        ),
      },
      /^6: "a" is no header/,
    ],
    [
      'loops without end',
      {
        load: '<load loop="100000000"><arrivalphase phase="1" duration="1" unit="second"><users arrivalrate="1" unit="second"/></arrivalphase></load>',
      },
      /^4: loop/,
    ],
  ])('have their line: %s', (_, parts, words) => {
    expect(mistakesOf(parts)[0]).toMatch(words)
  })

  it('are what another kind of document is', () => {
    expect(importTsung('<html/>')).toEqual({
      mistakes: [{ line: 1, message: expect.stringContaining('<html>') }],
    })
  })

  it('are all that a broken configuration can be: nothing throws', () => {
    const at = fc.nat({ max: chat.length })
    fc.assert(
      fc.property(at, fc.nat({ max: 40 }), fc.string(), (from, length, text) => {
        const result = importTsung(chat.slice(0, from) + text + chat.slice(from + length))
        expect('script' in result || result.mistakes.length > 0).toBe(true)
      }),
    )
  })
})
