/**
 * Shortens names of variants to a width in columns. Different names stay different: a name that is
 * too long loses its end, or its middle if names begin alike, or ends with its number.
 */
export function shortNames(names: readonly string[], width: number): readonly string[] {
  const ways = [
    (name: string) => `${name.slice(0, width - 1)}…`,
    (name: string) => {
      const end = Math.floor((width - 1) / 2)
      return `${name.slice(0, width - 1 - end)}…${name.slice(name.length - end)}`
    },
    (name: string, at: number) => {
      const no = `… ${at + 1}`
      return `${name.slice(0, Math.max(0, width - no.length))}${no}`
    },
  ]
  const found = ways
    .map((way) => names.map((name, at) => (name.length <= width ? name : way(name, at))))
    .find((short) => new Set(short).size === new Set(names).size)
  return found ?? names
}
