export {
  type App,
  type AppEvent,
  type Context,
  type Decision,
  defineApp,
  type Keep,
  type Member,
  type Retention,
} from './apps/app.ts'
export { createChatApp } from './apps/chat/chat-app.ts'
export type { PlainOptions } from './apps/plain/plain-app.ts'
export type {
  Act,
  Auth,
  AuthRefusal,
  ClientRequest,
  Credentials,
  Identified,
  Identity,
  Permit,
} from './auth/auth.ts'
export type { TokenAuthOptions } from './auth/token-auth-options.ts'
export { type Config, defineConfig } from './config.ts'
export type {
  FollowedChange,
  FollowedDeletion,
  FollowedUpdate,
  FollowListener,
  MissedUpdates,
} from './core/documents/follower.ts'
export type { StatelessMessage } from './core/documents/stateless-hook.ts'
export type { StatelessTarget } from './core/documents/subscribers.ts'
export type { GivenKind, RootKind } from './core/yjs/convert/root-kind.ts'
export type { Outline } from './core/yjs/document-engine.ts'
export type {
  AttributeRule,
  AttributeRules,
  DocumentSchema,
} from './core/yjs/schema-rules.ts'
export type { EdgesOptions } from './create-front.ts'
export {
  type Closed,
  type CloseOptions,
  createServer,
  type RusherServer,
} from './create-server.ts'
export type { RequestHook } from './http/requests.ts'
export type { ListedDocument, Version, VersionAuthor } from './link/document-messages.ts'
export type { Log } from './log/log.ts'
export { createPinoLog, type LogLevel } from './log/pino-log.ts'
export {
  type CapacityPlan,
  type EdgeHeap,
  type Machine,
  type PlanWarning,
  planCapacity,
  semiSpaceOf,
} from './processes/capacity-plan.ts'
export { readMachine } from './processes/machine.ts'
export type { Rolled, RollOptions, RollStep } from './processes/rolling-restart.ts'
export { runEdgeProcess } from './run-edge-process.ts'
export type * from './server-documents.ts'
export type { DocumentOptions, ServerOptions } from './server-options.ts'
export {
  type PublishReceipt,
  RefusedError,
  type ServerPublish,
  type ServerPublishOptions,
} from './server-publish.ts'
export { type BackupOptions, backupSqlite } from './storage/backup/backup.ts'
export type { Copied, CopyProgress } from './storage/backup/copy-database.ts'
export { type Restored, type RestoreOptions, restoreSqlite } from './storage/backup/restore.ts'
export { createMemoryStorage } from './storage/memory/memory-storage.ts'
export { openSqliteStorage } from './storage/sqlite/sqlite-storage.ts'
export type * from './storage/storage.ts'
export { type VerifyFault, type VerifyReport, verifySqlite } from './storage/verify/verify-log.ts'
export { version } from './version.ts'
