/**
 * The limits that a client must know: those of the server are in the reply to `connect`. What each
 * one bounds is told in `Limits`, which has the same names.
 */
export interface ClientLimits {
  readonly frameBytesMax: number
  readonly frameCommandsMax: number
  readonly jsonDepthMax: number
  readonly bodyBytesMax: number
  readonly presenceDataBytesMax: number
  readonly idCharsMax: number
  readonly joinChannelsMax: number
  readonly sessionChannelsMax: number
  readonly historyEventsMax: number
  readonly pingMs: number
  readonly pongMs: number
}

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
