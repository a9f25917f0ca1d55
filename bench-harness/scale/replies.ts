/* Replies are found by their bytes, since parsing them would cost the machine that the server shares. */

const mark = Buffer.from('"type":"reply","ref":')
const refusal = Buffer.from(',"error"')
const zero = 0x30

/** Calls `take` with the ref of every reply in a frame, and whether it is a refusal. */
export function eachReply(frame: Buffer, take: (ref: number, refused: boolean) => void): void {
  for (let at = frame.indexOf(mark); at !== -1; at = frame.indexOf(mark, at)) {
    let ref = 0
    for (at += mark.length; ; at += 1) {
      const digit = (frame[at] ?? 0) - zero
      if (digit < 0 || digit > 9) break
      ref = ref * 10 + digit
    }
    take(ref, frame.compare(refusal, 0, refusal.length, at, at + refusal.length) === 0)
  }
}
