/** A generator of numbers from 0 up to 1 that a seed determines: mulberry32, which is good enough to spread load, and for nothing secret. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A wait with the given mean, as between the events of a Poisson process. */
export function exponential(mean: number, random: () => number): number {
  return -Math.log(1 - random()) * mean
}
