/**
 * Tells whoever started this program where it listens, in one JSON line, and ends it on SIGTERM or when its standard input closes, which it does when
 * whoever started it is gone.
 */
export function tellListening(port: number): void {
  process.on('SIGTERM', () => process.exit())
  process.stdin.resume()
  process.stdin.on('end', () => process.exit())
  process.stdin.on('error', () => process.exit())
  process.stdout.write(`${JSON.stringify({ event: 'listening', port })}\n`)
}
