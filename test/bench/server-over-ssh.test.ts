import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { applyFixes, undoFixes } from '../../bench-harness/doctor/fixes.ts'
import { createShellSettings, runOverSsh } from '../../bench-harness/doctor/shell-settings.ts'
import { createUndoFile } from '../../bench-harness/doctor/undo-file.ts'
import { sshWordsOf } from '../../bench-harness/host/ssh-host.ts'
import { connectSshServerSide } from '../../bench-harness/server-side/ssh-server-side.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { until } from '../parts/until.ts'
import { type Boxes, makeBoxes, tryBoxes } from './parts/boxes.ts'

/** Listens on 8123, and dials itself forty times; ends with its input. */
const program = `
const { connect, createServer } = require("node:net")
const server = createServer((socket) => socket.on("error", () => {}))
server.listen(8123, "0.0.0.0", () => {
  let open = 0
  for (let no = 0; no < 40; no++)
    connect(8123, "127.0.0.1", () => ++open === 40 && console.log("up")).on("error", () => {})
})
process.stdin.on("end", () => process.exit()).resume()
`

const wordsOf = ({ sshWords }: Boxes, host: string): string[] =>
  sshWordsOf({ destination: { host }, sshWords })

async function startServer(boxes: Boxes): Promise<void> {
  const child = spawn('ssh', [...wordsOf(boxes, 'box1'), `node -e '${program}'`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(async () => {
    const ended = once(child, 'exit')
    child.stdin.end()
    await ended
  })
  await once(child.stdout, 'data')
}

describe('a server on a box', () => {
  test('boxes can be had', () => {
    expect(tryBoxes()).toBeUndefined()
  })

  test('is found by its port, and counted by the kernel of its own network', async () => {
    const boxes = await makeBoxes(1)
    const notes: string[] = []
    const side = await connectSshServerSide(
      { destination: 'box1', ports: [8_123], sshWords: boxes.sshWords },
      (text) => notes.push(text),
    )
    onTestFinished(() => side.close())
    // What is there before the run is not counted.
    expect((await side.sample()).kernel).toBe(0)
    await startServer(boxes)
    let second = await side.sample()
    await until('its process is found', async () => {
      second = await side.sample()
      return second.cpu !== undefined
    })
    expect(second.kernel).toBe(40)
    expect(second.descriptors).toBeGreaterThanOrEqual(80)
    expect(second.rssBytes).toBeGreaterThan(10_000_000)
    expect(second.cpu).toBeGreaterThanOrEqual(0)
    expect(second.counters).toHaveProperty('ListenOverflows')
    expect(await side.facts()).toMatchObject({ machine: 'box1', processes: 1 })
    expect(notes).toEqual([])
  })

  test('whose network is gone is noted once, and gives nothing', async () => {
    const boxes = await makeBoxes(1)
    const notes: string[] = []
    const lost = Promise.withResolvers<void>()
    const side = await connectSshServerSide(
      { destination: 'box1', ports: [8_123], sshWords: boxes.sshWords },
      (text) => {
        notes.push(text)
        lost.resolve()
      },
    )
    onTestFinished(() => side.close())
    boxes.cutOff('box1')
    const looking = (async () => {
      while (notes.length === 0) expect(await side.sample()).toEqual({})
    })()
    await lost.promise
    await looking
    expect(notes).toHaveLength(1)
    expect(notes[0]).toContain('box1 was lost')
  })

  test('that ssh does not know is refused in words of ssh', async () => {
    const boxes = await makeBoxes(1, { known: false })
    const refused = connectSshServerSide(
      { destination: 'box1', ports: [8_123], sshWords: boxes.sshWords },
      () => undefined,
    )
    await expect(refused).rejects.toThrow('Host key verification failed.')
  })
})

test('settings of a box are changed over ssh and given back', async () => {
  const boxes = await makeBoxes(1)
  const settings = createShellSettings(runOverSsh(wordsOf(boxes, 'box1')))
  const undo = createUndoFile(join(temporaryDirectory(), 'undo.json'))
  const range = 'net.ipv4.ip_local_port_range'
  const [before] = [await settings.read(range)]
  expect(await settings.listening()).toContain(22)
  const [done] = await applyFixes('box1', settings, { [range]: '20000 65535' }, undo)
  expect(done?.state).toBe('changed')
  expect(await settings.read(range)).toBe('20000\t65535')
  await undoFixes('box1', settings, undo)
  expect(await settings.read(range)).toBe(before)
})
