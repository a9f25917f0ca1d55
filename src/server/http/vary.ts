import type { ServerResponse } from 'node:http'

/** Adds a field name to the `Vary` header, unless it is there. */
export function addVary(response: ServerResponse, name: string): void {
  const present = String(response.getHeader('Vary') ?? '')
  const names = present.split(',').map((one) => one.trim().toLowerCase())
  if (names.includes(name.toLowerCase())) return
  response.setHeader('Vary', present === '' ? name : `${present}, ${name}`)
}
