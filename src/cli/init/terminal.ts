import { spawnSync } from 'node:child_process'
import { version } from '../../server/version.ts'
import type { InitIo, Questions } from './run-init.ts'

/** The world that `rusher init` really acts on. */
export async function openTerminal(): Promise<InitIo> {
  const attended = process.stdin.isTTY && process.stdout.isTTY
  return {
    directory: process.cwd(),
    environment: process.env,
    version,
    questions: attended ? await createQuestions() : undefined,
    say: (text) => process.stdout.write(`${text}\n`),
    complain: (text) => process.stderr.write(`${text}\n`),
    run(command, args, folder) {
      // A package manager is a script on Windows, which only a shell starts; git answers by its exit code alone.
      const isGit = command === 'git'
      const { status } = spawnSync(command, args, {
        cwd: folder,
        stdio: isGit ? 'ignore' : 'inherit',
        shell: !isGit && process.platform === 'win32',
      })
      return status === 0
    },
  }
}

async function createQuestions(): Promise<Questions> {
  const { confirm, isCancel, select, text } = await import('@clack/prompts')
  return {
    async folder(suggestion) {
      const answer = await text({
        message: 'Which folder?',
        placeholder: suggestion,
        defaultValue: suggestion,
      })
      return isCancel(answer) ? undefined : answer
    },
    async template(templates) {
      const answer = await select({
        message: 'Which template?',
        options: templates.map(({ name, description }) => ({ value: name, hint: description })),
      })
      return isCancel(answer) ? undefined : answer
    },
    async install(manager) {
      const answer = await confirm({ message: `Install with ${manager} now?` })
      return isCancel(answer) ? undefined : answer
    },
  }
}
