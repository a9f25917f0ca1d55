/*
 * A message carries its intended time in its text: `@<microseconds> ...`. On one machine the monotonic clock is the same for every
 * process, so whoever reads it knows how late it is.
 */

/** The monotonic clock of this machine, in whole microseconds. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1_000n)
}

const mark = Buffer.from('"text":"@')
const zero = 0x30

/** A text that carries a time. */
export function stampedText(atUs: number, text: string): string {
  return `@${atUs} ${text}`
}

/** Calls `take` with the stamp of every message in a frame, and returns how many there were. */
export function eachStamp(frame: Buffer, take: (stampUs: number) => void): number {
  let count = 0
  for (let at = frame.indexOf(mark); at !== -1; at = frame.indexOf(mark, at + mark.length)) {
    let stampUs = 0
    for (let next = at + mark.length; ; next += 1) {
      const digit = (frame[next] ?? 0) - zero
      if (digit < 0 || digit > 9) break
      stampUs = stampUs * 10 + digit
    }
    take(stampUs)
    count += 1
  }
  return count
}
