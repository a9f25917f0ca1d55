/** Moves the focus among the links of a list. Returns whether there was one to go to. */
export function moveInList(list: HTMLElement | null, key: string): boolean {
  const links = [...(list?.querySelectorAll<HTMLElement>('a') ?? [])]
  const at = links.indexOf(document.activeElement as HTMLElement)
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[key]
  const link = next === undefined ? undefined : links[next]
  link?.focus()
  return link !== undefined
}
