import type { Command } from 'commander'
import { addServeFlags, type ServeFlags } from '../flags.ts'

/** Adds `rusher serve`. */
export function registerServe(program: Command): void {
  addServeFlags(program.command('serve'))
    .description('Start the server: channels, chat and presence over WebSocket, kept in SQLite.')
    .addHelpText(
      'after',
      `
Each setting comes from the first of these that has it: these flags, the environment (RUSHER_PORT,
RUSHER_HOST, RUSHER_STORAGE, RUSHER_TOKEN_SECRET, ... also in .env), rusher.config.ts, PORT (which
hosting platforms set), the default.

Exit status: 0 when it was told to end, 1 when it failed, 2 for wrong usage or configuration.

GET /healthz   the process is alive
GET /readyz    publishes can be kept now
GET /metrics   numbers for Prometheus

SIGTERM  sends clients away over drainMs, saves everything, and ends
SIGINT   (Ctrl-C) the same at once; a second time ends whatever is open
SIGHUP   replaces all edge processes by new ones, which read the configuration anew; nothing is lost

Examples:
  rusher serve --port 3000 --static dist
  rusher serve --storage memory: --json
  rusher serve --capacity 270000 --plan
  RUSHER_TOKEN_SECRET=$(openssl rand -base64 48) rusher serve --host 0.0.0.0
`,
    )
    .action(async (flags: ServeFlags) => {
      const { runServe } = await import('../serve/run-serve.ts')
      process.exitCode = await runServe(flags)
    })
}
