export {
  type App,
  type AppEvent,
  type Context,
  type Decision,
  defineApp,
  type Keep,
  type Member,
  type Retention,
} from './app/app.ts'
export { createChatApp } from './app/chat-app.ts'
export type { PlainOptions } from './app/plain-app.ts'
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
export {
  type CapacityPlan,
  type EdgeHeap,
  type Machine,
  type PlanWarning,
  planCapacity,
  semiSpaceOf,
} from './capacity.ts'
export { readMachine } from './capacity-machine.ts'
export { type Config, defineConfig } from './config.ts'
export type { EdgesOptions } from './create-front.ts'
export {
  type Closed,
  type CloseOptions,
  createServer,
  type RusherServer,
} from './create-server.ts'
export type { GivenKind, RootKind } from './document-engine/convert/root-kind.ts'
export type { Outline } from './document-engine/document-engine.ts'
export type {
  AttributeRule,
  AttributeRules,
  DocumentSchema,
} from './document-engine/schema-rules.ts'
export type {
  FollowedChange,
  FollowedDeletion,
  FollowedUpdate,
  FollowListener,
  MissedUpdates,
} from './documents/follower.ts'
export type { StatelessTarget } from './documents/followers.ts'
export type { StatelessMessage } from './documents/stateless-hook.ts'
export type { ListedDocument, Version, VersionAuthor } from './link/document-messages.ts'
export type { Log } from './log/log.ts'
export { createPinoLog, type LogLevel } from './log/pino-log.ts'
export type { Rolled, RollOptions, RollStep } from './rolling.ts'
export { runEdgeProcess } from './run-edge-process.ts'
export type * from './server-documents.ts'
export type { DocumentOptions, ServerOptions } from './server-options.ts'
export {
  type PublishReceipt,
  RefusedError,
  type ServerPublish,
  type ServerPublishOptions,
} from './server-publish.ts'
export { type BackupOptions, backupSqlite } from './storage/backup-sqlite.ts'
export type { Copied, CopyProgress } from './storage/copy-database.ts'
export { createMemoryStorage } from './storage/memory-storage.ts'
export { type Restored, type RestoreOptions, restoreSqlite } from './storage/restore-sqlite.ts'
export { openSqliteStorage } from './storage/sqlite-storage.ts'
export type * from './storage/storage.ts'
export { type VerifyFault, type VerifyReport, verifySqlite } from './storage/verify-log.ts'
export { version } from './version.ts'
