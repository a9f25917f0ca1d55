import { setTimeout as pause } from 'node:timers/promises'

/** Waits until a condition holds. Rejects with what was waited for when it takes too long. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 15_000,
): Promise<void> {
  const deadlineMs = performance.now() + withinMs
  while (!(await holds())) {
    if (performance.now() > deadlineMs)
      throw new Error(`waited ${withinMs} ms in vain for: ${what}`)
    await pause(5)
  }
}
