import { createInterface } from 'node:readline/promises'

/** Asks a question of yes or no at the terminal; without one the answer is no. */
export async function ask(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await lines.question(question)
  lines.close()
  return /^y(?:es)?$/i.test(answer.trim())
}
