export {
  type ChannelName,
  channelCharsMax,
  parseChannelName,
  quoteName,
  refuseChannelName,
} from './channel-name.ts'
export { type ClientLimits, defaultClientLimits } from './client-limits.ts'
export {
  adviceOfClose,
  type CloseReason,
  laterMs,
  type Return,
} from './close-codes.ts'
export {
  type DecodedFrame,
  decodeFrame,
  decodeServerFrame,
  encodeCommands,
  encodeMessage,
} from './codec.ts'
export { earlyFrameOf, earlyProtocols, subprotocol } from './early-frame.ts'
export {
  type Advice,
  closeTable,
  type ErrorCode,
  errorTable,
  type Refusal,
  RusherError,
  refuse,
} from './errors.ts'
export { type DocumentLimits, defaultLimits, documentLimitsOf, type Limits } from './limits.ts'
export type * from './message.ts'
export { type ParsedCommand, parseCommand, parsePosition, parseUser } from './parse-command.ts'
export { type Gap, type Position, type Resumption, resume } from './position.ts'
export { connectPath, documentsPath, protocolVersion, protocolVersionOldest } from './version.ts'
