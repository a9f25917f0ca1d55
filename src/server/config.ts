import type { ServerOptions } from './server-options.ts'

/** What `rusher.config.ts` exports: everything that a server can be told, and how it is split over processes. */
export interface Config extends Omit<ServerOptions, 'httpServer' | 'listen' | 'log'> {
  /** Edge processes; 0 keeps everything in one process. */
  readonly edges?: number
  /** Sessions to be ready for; edges, what each takes, and its heap are worked out from it. */
  readonly capacity?: number
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'silent'
}

/** Types a configuration; returns it as it is. */
export function defineConfig(config: Config): Config {
  return config
}
