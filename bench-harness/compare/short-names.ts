/**
 * Names of variants in at most so many columns each, all different where the names are. A name that
 * does not fit loses its end, or its middle where names begin alike, or gets its number.
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
