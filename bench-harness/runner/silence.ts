/** Silence of the controller after which load stops, and after which the runner ends, in seconds. */
export const stopAfterS = 10
export const endAfterS = 20

export interface Silence {
  /** A word came. */
  heard(): void
  /** To be called once a second; tells what is to be done now. */
  second(): 'go on' | 'stop' | 'end'
  /** Whether load was to stop. */
  readonly isLong: boolean
}

/**
 * How long the controller has been silent, in seconds that were lived through: a machine that was asleep, or a process that was stopped, has not
 * waited meanwhile.
 */
export function createSilence(): Silence {
  let seconds = 0
  return {
    heard() {
      seconds = 0
    },
    second() {
      seconds += 1
      if (seconds >= endAfterS) return 'end'
      return seconds === stopAfterS ? 'stop' : 'go on'
    },
    get isLong() {
      return seconds >= stopAfterS
    },
  }
}
