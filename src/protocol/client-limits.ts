import type { Limits } from './limits.ts'

/** The limits that a client must know: those of the server are in the reply to `connect`. */
export type ClientLimits = Pick<
  Limits,
  | 'frameBytesMax'
  | 'frameCommandsMax'
  | 'jsonDepthMax'
  | 'bodyBytesMax'
  | 'presenceDataBytesMax'
  | 'idCharsMax'
  | 'joinChannelsMax'
  | 'sessionChannelsMax'
  | 'historyEventsMax'
  | 'pingMs'
  | 'pongMs'
>

/** What a client assumes until a server has told its own limits. */
export const defaultClientLimits: ClientLimits = {
  frameBytesMax: 64 * 1024,
  frameCommandsMax: 64,
  jsonDepthMax: 32,
  bodyBytesMax: 32 * 1024,
  presenceDataBytesMax: 1_024,
  idCharsMax: 64,
  joinChannelsMax: 64,
  sessionChannelsMax: 128,
  historyEventsMax: 100,
  pingMs: 25_000,
  pongMs: 10_000,
}
