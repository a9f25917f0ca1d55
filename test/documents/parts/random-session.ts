import * as Y from 'yjs'
import { type Copy, checkUpdate, loadCopy } from '../../../src/server/core/yjs/check-update.ts'
import type { EngineLimits } from '../../../src/server/core/yjs/document-engine.ts'
import { seeded } from '../../tools/seeded.ts'
import { type AnyDoc, createEditor, type Editor, shapeOf, type Version } from './editors.ts'

/** A session of random editing. */
export interface SessionStart {
  readonly seed: number
  readonly steps: number
  readonly versions: readonly Version[]
}

/** The result of a session; `faults` must be empty. */
export interface SessionReport {
  readonly updates: number
  readonly undone: number
  readonly faults: readonly string[]
}

export const sessionLimits: EngineLimits = {
  updateStructsMax: 50_000,
  subdocumentsMax: 10_000,
  updateDeletesMax: 50_000,
  updateLengthMax: 10_000_000,
  checkMs: 1_000,
  checkMsPerKb: 0,
  taskMs: 30_000,
  loadedBytesMax: 64_000_000,
  partBytesMax: 65_536,
}

interface Client {
  readonly editor: Editor
  readonly userId: string
  readonly sent: Uint8Array[]
  /** How much of the log it has been sent. */
  through: number
  online: boolean
}

/**
 * One to three users with one or two clients each edit, undo, redo, go away and come back; what
 * they send is checked and delivered.
 */
export function runSession({ seed, steps, versions }: SessionStart): SessionReport {
  const random = seeded(seed)
  const faults: string[] = []
  const log: Uint8Array[] = []
  let copy = load(log)
  let undone = 0
  let updates = 0
  const clients: Client[] = []
  // In half of the sessions each change is undone by itself.
  const captures = random(2)
  const narrow = random(3) > 0
  const users = 1 + random(3)
  for (let user = 0; user < users; user += 1) {
    for (let left = 1 + random(2); left > 0; left -= 1) clients.push(createClient(`user ${user}`))
  }

  function createClient(userId: string): Client {
    const sent: Uint8Array[] = []
    // Ids of both sizes: version 14 uses 53 bits.
    const clientId = 1 + random(1_000_000) * (random(4) === 0 ? 2 ** 33 - 1 : 1) + clients.length
    const version = versions[random(versions.length)] ?? '13.6'
    const client: Client = {
      editor: createEditor({
        version,
        clientId,
        random,
        narrow,
        changed: (update) => sent.push(update),
      }),
      userId,
      sent,
      through: 0,
      online: true,
    }
    return client
  }

  function check(update: Uint8Array, { userId, editor }: Client): void {
    updates += 1
    const request = { update, userId, write: true, growthBytesMax: 1e9, partly: false }
    const { checked, spoilt } = checkUpdate(copy, request, sessionLimits)
    if (checked.kind === 'refused') {
      faults.push(`seed ${seed}: ${editor.version} refused: ${checked.fault} ${checked.message}`)
    }
    if (checked.kind === 'new') log.push(checked.delta)
    if (spoilt) copy = load(log)
  }

  function send(client: Client): void {
    for (const update of client.sent.splice(0)) if (client.online) check(update, client)
  }

  function deliver(client: Client, most: number): void {
    for (const update of log.slice(client.through, client.through + most)) {
      client.through += 1
      client.editor.apply(update)
    }
  }

  function connect(client: Client): void {
    client.online = true
    client.sent.splice(0)
    check(client.editor.difference(Y.encodeStateVector(copy.doc)), client)
    const through = log.length
    if (through > 0) {
      client.editor.apply(Y.diffUpdate(Y.mergeUpdates(log), client.editor.stateVector()))
    }
    client.through = through
    send(client)
  }

  function step(client: Client): void {
    const { editor } = client
    const kind = random(100)
    if (kind < 45) {
      if (captures === 0) editor.stopCapturing()
      editor.edit()
    } else if (kind < 62) {
      undone += 1
      editor.undo()
    } else if (kind < 70) editor.redo()
    else if (kind < 76) editor.stopCapturing()
    else if (kind < 97) {
      if (client.online) deliver(client, random(5))
    } else if (client.online) client.online = false
    else connect(client)
    if (client.online && random(3) > 0) send(client)
  }

  /** Syncs until all clients have the same content. */
  function settle(): void {
    for (const client of clients) {
      if (client.online) send(client)
      else connect(client)
    }
    for (let rounds = 0; rounds < 20; rounds += 1) {
      const before = log.length
      for (const client of clients) {
        deliver(client, Number.POSITIVE_INFINITY)
        send(client)
      }
      if (log.length === before) return
    }
    faults.push(`seed ${seed}: updates never end`)
  }

  for (let done = 0; done < steps && faults.length === 0; done += 1) {
    const client = clients[random(clients.length)]
    if (client !== undefined) step(client)
  }
  settle()
  // Everything once more, as a relay would send it: a duplicate, however it is split.
  for (const client of clients) check(client.editor.difference(Uint8Array.of(0)), client)
  compare()
  return { updates, undone, faults }

  function compare(): void {
    const expected = JSON.stringify(shapeOf(copy.doc as unknown as AnyDoc))
    const say = (what: string, got: unknown): void => {
      if (JSON.stringify(got) !== expected) faults.push(`seed ${seed}: ${what} differs`)
    }
    say('the log', shapeOf(load(log).doc as unknown as AnyDoc))
    say('its encoding', shapeOf(load([Y.encodeStateAsUpdate(copy.doc)]).doc as unknown as AnyDoc))
    if (log.length > 0)
      say('its merge', shapeOf(load([Y.mergeUpdates(log)]).doc as unknown as AnyDoc))
    const merged = log.length > 0 ? [Y.mergeUpdates(log)] : []
    for (const { editor } of clients) {
      const { version } = editor
      say(`a new page of ${version}`, editor.reload(merged))
      if (!editor.inventsAttributes) say(`a page of ${version}`, editor.shape())
      else if (differs(editor.shape(lists), shapeOf(copy.doc as unknown as AnyDoc, lists))) {
        faults.push(`seed ${seed}: a page of ${version} differs in its lists`)
      }
    }
  }
}

function load(committed: readonly Uint8Array[]): Copy {
  const copy = loadCopy({
    owners: new Map(),
    parts: committed,
    updates: [],
  })
  copy.doc.getText('t')
  copy.doc.getArray('a')
  copy.doc.getMap('m')
  copy.doc.getXmlFragment('x')
  return copy
}

const lists = { attributes: false }

function differs(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) !== JSON.stringify(other)
}
