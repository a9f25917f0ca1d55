import type { DialectName } from '../plan/plan.ts'
import type { Dialect, DialectParts } from './dialect.ts'
import { createHocuspocusDialect } from './hocuspocus-dialect.ts'
import { createPlainDialect } from './plain-dialect.ts'
import { createRusherDialect } from './rusher-dialect.ts'
import { createSocketIoDialect } from './socket-io-dialect.ts'

const makers: Readonly<Record<DialectName, (parts: DialectParts) => Dialect>> = {
  rusher: createRusherDialect,
  plain: createPlainDialect,
  'socket.io': createSocketIoDialect,
  hocuspocus: createHocuspocusDialect,
}

export function createDialect(name: DialectName, parts: DialectParts): Dialect {
  return makers[name](parts)
}

/** The path that a server of this kind usually has, for a target that was given without one. */
export const usualPaths: Readonly<Record<DialectName, string>> = {
  rusher: '/rusher',
  plain: '/',
  'socket.io': '/socket.io/?EIO=4&transport=websocket',
  hocuspocus: '/docs',
}
