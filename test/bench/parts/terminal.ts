import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

/** A real terminal: tmux, with a server of its own. */
export interface Terminal {
  /** Waits until what is shown is as wanted, and gives it; blanks at the end of a row are gone. */
  until(wanted: (text: string) => boolean): Promise<string>
  /** What is shown, with the escapes of its colours. */
  escapes(): string
  /** A letter, or a key by tmux' name of it. */
  press(key: string): void
  resize(columns: number, rows: number): void
  signal(signal: NodeJS.Signals): void
  /** Whether the first screen is shown again, with a cursor, and keys are read by lines and shown. */
  isRestored(): boolean
  close(): void
}

export interface TerminalOptions {
  readonly columns: number
  readonly rows: number
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
  readonly command: readonly string[]
}

/** Runs a command in a terminal; when it has ended, `status` and its exit status are shown. */
export function openTerminal(options: TerminalOptions): Terminal {
  const socket = `rusher-${randomUUID()}`
  const tmux = (...words: readonly string[]): string =>
    execFileSync('tmux', ['-L', socket, '-f', '/dev/null', '-u', ...words], {
      encoding: 'utf8',
      env: { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
    })
  const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`
  const settings = Object.entries(options.environment).map(([name, value]) => `${name}=${value}`)
  const command = [
    'env',
    '-u',
    'NO_COLOR',
    '-u',
    'LC_ALL',
    '-u',
    'NODE_ENV',
    ...settings,
    ...options.command,
  ]
  const line = command.map(quoted).join(' ')
  tmux(
    ...['new-session', '-d', '-s', 'screen', '-x', String(options.columns)],
    ...['-y', String(options.rows), '-c', options.directory],
    `${line}; echo "status $?"; sleep 1000`,
  )
  const shown = () => tmux('capture-pane', '-p', '-t', 'screen')
  return {
    async until(wanted) {
      for (;;) {
        const text = shown()
        if (wanted(text)) return text
        await sleep(50)
      }
    },
    escapes: () => tmux('capture-pane', '-p', '-e', '-t', 'screen'),
    press(key) {
      tmux('send-keys', '-t', 'screen', key)
    },
    resize(columns, rows) {
      tmux('resize-window', '-t', 'screen', '-x', String(columns), '-y', String(rows))
    },
    signal(signal) {
      const shell = Number(tmux('display-message', '-p', '-t', 'screen', '#{pane_pid}'))
      process.kill(childOf(shell), signal)
    },
    isRestored() {
      const flags = '#{alternate_on} #{cursor_flag} #{pane_tty}'
      const [alternate, cursor, tty = ''] = tmux('display-message', '-p', '-t', 'screen', flags)
        .trim()
        .split(' ')
      const modes = execFileSync('stty', ['-F', tty, '-a'], { encoding: 'utf8' })
      return alternate === '0' && cursor === '1' && / icanon/.test(modes) && / echo\b/.test(modes)
    },
    close() {
      tmux('kill-server')
    },
  }
}

function childOf(pid: number): number {
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
  return Number(children.trim().split('\n')[0])
}
