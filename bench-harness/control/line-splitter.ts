/** Beyond this a line is no message; the longest are parts of a history. */
export const lineLengthMax = 64 * 1024 * 1024

/**
 * Cuts a stream of text into lines. Returns what takes the next piece of it. A line that grows too long is given to `tooLong`, once, and nothing more is
 * read.
 */
export function createLineSplitter(
  line: (text: string) => void,
  tooLong: () => void,
): (piece: string) => void {
  let parts: string[] = []
  let length = 0
  let isOver = false
  return (piece) => {
    let from = 0
    for (let end = piece.indexOf('\n'); end >= 0 && !isOver; end = piece.indexOf('\n', from)) {
      parts.push(piece.slice(from, end))
      const whole = parts.length === 1 ? (parts[0] ?? '') : parts.join('')
      parts = []
      length = 0
      from = end + 1
      line(whole)
    }
    if (isOver) return
    const rest = from === 0 ? piece : piece.slice(from)
    if (rest === '') return
    parts.push(rest)
    length += rest.length
    if (length <= lineLengthMax) return
    isOver = true
    parts = []
    tooLong()
  }
}
