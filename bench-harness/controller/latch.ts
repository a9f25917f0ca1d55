/** Waits that somebody else can cut short. */
export interface Latch {
  /** Resolves after a time, when a condition holds (looked at ten times a second), or when it is cut short. Says which. */
  wait(ms: number, holds?: () => boolean): Promise<'time' | 'held' | 'cut'>
  cut(): void
}

const lookMs = 100

export function createLatch(): Latch {
  let cutShort: (() => void) | undefined
  return {
    wait(ms, holds) {
      return new Promise((resolve) => {
        const finish = (how: 'time' | 'held' | 'cut'): void => {
          clearTimeout(timer)
          clearInterval(looking)
          cutShort = undefined
          resolve(how)
        }
        const timer = setTimeout(() => finish('time'), ms)
        const looking = setInterval(() => {
          if (holds?.() === true) finish('held')
        }, lookMs)
        cutShort = () => finish('cut')
      })
    },
    cut() {
      cutShort?.()
    },
  }
}
