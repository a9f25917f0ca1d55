/** Numbers from 0 up to 1 that only depend on the seed (xorshift, 32 bits). */
export function seededRandom(seed: number): () => number {
  let state = (seed * 2_654_435_769 + 1) | 0
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
