/** A key as the screen knows it; `text` is what was typed or pasted. */
export type Key =
  | { readonly name: 'text'; readonly text: string }
  | { [Name in NamedKey]: { readonly name: Name } }[NamedKey]

type NamedKey = 'up' | 'down' | 'enter' | 'escape' | 'tab' | 'back_tab' | 'backspace' | 'ctrl_c'

/** What Ink tells of a key, as far as it is looked at. */
export interface InkKey {
  readonly upArrow: boolean
  readonly downArrow: boolean
  readonly return: boolean
  readonly escape: boolean
  readonly tab: boolean
  readonly shift: boolean
  readonly backspace: boolean
  readonly delete: boolean
  readonly ctrl: boolean
  readonly meta: boolean
}

/** Names a key; nothing for one that the screen has no use for. */
export function keyOf(input: string, key: InkKey): Key | undefined {
  if (key.upArrow) return { name: 'up' }
  if (key.downArrow) return { name: 'down' }
  if (key.return) return { name: 'enter' }
  if (key.escape) return { name: 'escape' }
  if (key.tab) return { name: key.shift ? 'back_tab' : 'tab' }
  if (key.backspace || key.delete) return { name: 'backspace' }
  if (key.ctrl) return input === 'c' ? { name: 'ctrl_c' } : undefined
  return input === '' || key.meta ? undefined : { name: 'text', text: input }
}
