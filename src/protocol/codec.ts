import type { CloseReason } from './close-codes.ts'
import { refuse } from './errors.ts'
import { faultOfJson } from './json-fault.ts'
import type { Limits } from './limits.ts'
import type { Command, ServerMessage } from './message.ts'
import { type ParsedCommand, parseCommand } from './parse-command.ts'

/** The commands of one frame, or the reason to close the session over it. */
export type DecodedFrame =
  | { readonly commands: readonly ParsedCommand[] }
  | { readonly close: CloseReason; readonly detail: string }

/**
 * Decodes a text frame of a client: one command, or an array of commands. Never throws, whatever comes in.
 *
 * A frame that contains no commands closes the session, since its sender does not speak the
 * protocol. A command that is malformed or nested too deeply, or has a number or key that cannot be
 * forwarded safely, is refused individually: user data often causes this.
 */
export function decodeFrame(text: string, limits: Limits): DecodedFrame {
  const value = parseJson(text)
  if (value === undefined) return { close: 'BAD_FRAME', detail: 'a frame is JSON text' }
  if (!Array.isArray(value)) return { commands: [decodeCommand(value, limits)] }
  if (value.length === 0 || value.length > limits.frameCommandsMax) {
    return { close: 'BAD_FRAME', detail: `a frame has 1 to ${limits.frameCommandsMax} commands` }
  }
  return { commands: value.map((one) => decodeCommand(one, limits)) }
}

function decodeCommand(value: unknown, limits: Limits): ParsedCommand {
  const fault = faultOfJson(value, limits.jsonDepthMax)
  const parsed = parseCommand(value, limits)
  if (fault === undefined || 'refusal' in parsed) return parsed
  const { command } = parsed
  const ref = 'ref' in command ? command.ref : undefined
  return { ref, refusal: refuse('BAD_COMMAND', fault) }
}

/** Encodes commands of a client into one text frame. */
export function encodeCommands(commands: readonly Command[]): string {
  return JSON.stringify(commands.length === 1 ? commands[0] : commands)
}

/** Decodes a frame of the server: its messages in order, or undefined when it is not a frame of this protocol. */
export function decodeServerFrame(text: string): readonly ServerMessage[] | undefined {
  const value = parseJson(text)
  const messages: readonly unknown[] = Array.isArray(value) ? value : [value]
  for (const message of messages) {
    if (typeof message !== 'object' || message === null) return undefined
    if (!('type' in message) || typeof message.type !== 'string') return undefined
  }
  // The server is trusted for the rest: it is the one whose answers the client acts on.
  return messages as readonly ServerMessage[]
}

/** Encodes one message of the server. */
export function encodeMessage(message: ServerMessage): string {
  return JSON.stringify(message)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    // JSON.parse refuses text only by a SyntaxError; anything else is ours and must be seen.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
