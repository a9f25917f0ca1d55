import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  adviceOfClose,
  type CommandType,
  closeTable,
  connectPath,
  decodeFrame,
  decodeServerFrame,
  defaultLimits,
  earlyFrameOf,
  earlyProtocols,
  errorTable,
  laterMs,
  protocolVersion,
  type ServerMessage,
} from '../../src/protocol/index.ts'
import { createChatApp } from '../../src/server/apps/chat/chat-app.ts'
import { faultTexts, isPermanent } from '../../src/server/edge/documents/close-reasons.ts'

const text = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8')

/** The part under a heading of the second level. */
function section(heading: string): string {
  const part = text.split(/^## /m).find((one) => one.startsWith(`${heading}\n`))
  if (part === undefined) throw new Error(`PROTOCOL.md has no section '${heading}'`)
  return part
}

/** Rows of a section's tables whose columns are so many: their cells, without the code marks. */
function rows(heading: string, columns: number): readonly (readonly string[])[] {
  return section(heading)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim().replaceAll('`', '')))
    .filter((cells) => cells.length === columns && !cells[0]?.startsWith('---'))
    .slice(1)
}

interface Example {
  readonly label: string
  readonly json: string
}

const examples: readonly Example[] = [
  ...text.matchAll(/([^\n]*)\n\n```json\n([\s\S]*?)\n```/g),
].map(([, label = '', json = '']) => ({ label, json }))

function labelled(label: string): readonly string[] {
  return examples.filter((one) => one.label === label).map(({ json }) => json)
}

test('the example of an early frame is what the client offers, and a command', () => {
  const [, offered = ''] = /^ {4}Sec-WebSocket-Protocol: (.*)$/m.exec(text) ?? []
  const frame = earlyFrameOf(offered) ?? ''
  expect(earlyProtocols(frame)?.join(', ')).toBe(offered)
  expect(decodeFrame(frame, defaultLimits)).toMatchObject({
    commands: [{ command: { type: 'connect' } }],
  })
})

test('every error code has its row, with what its refusals say about trying again', () => {
  const told = rows('Error codes', 4).map(([code, retry]) => [code, retry])
  const held = Object.entries(errorTable).map(([code, { advice }]) => [
    code,
    advice === 'retry' ? 'yes' : 'no',
  ])
  expect(told).toEqual(held)
})

test('every close reason has its row, with its number and what it asks of a client', () => {
  const told = rows('Close codes', 4).map(([code, reason, asks]) => [Number(code), reason, asks])
  const held = Object.entries(closeTable).map(([reason, { code, asks }]) => [code, reason, asks])
  expect(told).toEqual(held)
})

test('close codes of others ask what the client does about them', () => {
  const told = rows('Close codes', 3).map(([code, , asks]) => [Number(code), asks])
  expect(told.map(([code]) => code)).toEqual([1001, 1006, 1011, 1012, 1013])
  for (const [code, asks] of told) expect(adviceOfClose(Number(code))).toBe(asks)
  expect(section('Close codes')).toContain(`before ${laterMs / 1_000} seconds`)
})

test('every refusal of a change has its row, and says whether it is permanent', () => {
  const told = rows('Documents', 4)
    .map(([code = '', permanent]) => [code, permanent === 'yes'] as const)
    .filter(([code]) => code in faultTexts)
  const codes = Object.keys(faultTexts) as (keyof typeof faultTexts)[]
  const held = codes
    .filter((code) => !codesOfRequests.has(code))
    .map((code) => [code, isPermanent(code)])
  expect(told).toEqual(held)
})

/** Refusals of requests over HTTP, which no client of a document gets. */
const codesOfRequests: ReadonlySet<string> = new Set([
  'NOT_FOUND',
  'BAD_JSON',
  'BAD_CONTENT',
  'UNSUPPORTED_CONTENT',
  'LOSES_CONTENT',
  'PRECONDITION_FAILED',
  'EXISTS',
])

test('every limit has its row, with its default', () => {
  const told = rows('Limits', 4).map(([name, value]) => [name, Number(value)])
  expect(told).toEqual(Object.entries(defaultLimits))
})

test('the limits that are said to be in the reply to connect are those of its example', () => {
  const told = rows('Limits', 4)
    .filter(([, , inReply]) => inReply === 'yes')
    .map(([name, value]) => [name, Number(value)])
  const reply = labelled('Server:').find((json) => json.includes('"session"')) ?? ''
  const { ok } = JSON.parse(reply) as { ok: { version: number; limits: Record<string, number> } }
  expect(Object.fromEntries(told)).toEqual(ok.limits)
  expect(ok.version).toBe(protocolVersion)
})

test('the path is the one that a client connects to', () => {
  expect(section('Transport')).toContain(`\`${connectPath}\``)
})

test('every example says whose it is', () => {
  const blocks = text.match(/^```json$/gm) ?? []
  expect(examples).toHaveLength(blocks.length)
  for (const { label } of examples) expect(['Client:', 'Server:', 'Body:']).toContain(label)
})

test.each(labelled('Client:'))('a server takes %s', (json) => {
  const decoded = decodeFrame(json, defaultLimits)
  expect(decoded).toEqual({ commands: [{ command: JSON.parse(json) as unknown }] })
})

test.each(labelled('Server:'))('a client takes %s', (json) => {
  expect(decodeServerFrame(json)).toEqual([JSON.parse(json)])
})

test.each(labelled('Body:'))('the chat takes %s', (json) => {
  expect(createChatApp().parse(JSON.parse(json))).toEqual(JSON.parse(json))
})

describe('nothing is left out', () => {
  const commands: Readonly<Record<CommandType, true>> = {
    connect: true,
    renew: true,
    join: true,
    leave: true,
    publish: true,
    signal: true,
    request: true,
    history: true,
    presence: true,
    track: true,
    ping: true,
    pong: true,
  }
  const messages: Readonly<Record<ServerMessage['type'], true>> = {
    reply: true,
    event: true,
    signal: true,
    latest: true,
    presence: true,
    gap: true,
    left: true,
    expiring: true,
    drain: true,
    ping: true,
    error: true,
  }

  function typesOf(label: string): ReadonlySet<string> {
    return new Set(labelled(label).map((json) => (JSON.parse(json) as { type: string }).type))
  }

  test('each command has a heading of its own and an example', () => {
    const headings = [...section('Commands').matchAll(/^### `(\w+)`$/gm)].map(([, name]) => name)
    expect(headings).toEqual(Object.keys(commands))
    expect(typesOf('Client:')).toEqual(new Set(Object.keys(commands)))
  })

  test('each message of the server has an example', () => {
    expect(typesOf('Server:')).toEqual(new Set(Object.keys(messages)))
  })
})
