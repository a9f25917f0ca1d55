import { type KeyboardEvent, type RefObject, useEffect, useRef } from 'react'

/**
 * Makes a toolbar one stop of the tab key, in which the arrows, Home and End move. Pass the result
 * on as `onKeyDown`.
 */
export function useRovingFocus(toolbar: RefObject<HTMLElement | null>) {
  const current = useRef<HTMLElement>(undefined)

  const stopAt = (tool: HTMLElement | undefined) => {
    const tools = toolsIn(toolbar.current)
    const stop = tool !== undefined && tools.includes(tool) ? tool : tools[0]
    current.current = stop
    for (const one of tools) one.tabIndex = one === stop ? 0 : -1
  }
  // Tools come and go with what is selected.
  useEffect(() => stopAt(current.current))

  return (event: KeyboardEvent<HTMLElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const tools = toolsIn(toolbar.current)
    const at = tools.indexOf(document.activeElement as HTMLElement)
    if (at === -1) return
    const next = {
      ArrowRight: (at + 1) % tools.length,
      ArrowLeft: (at + tools.length - 1) % tools.length,
      Home: 0,
      End: tools.length - 1,
    }[event.key]
    if (next === undefined) return
    event.preventDefault()
    stopAt(tools[next])
    tools[next]?.focus()
  }
}

function toolsIn(toolbar: HTMLElement | null): readonly HTMLElement[] {
  return [...(toolbar?.querySelectorAll<HTMLElement>('button, select') ?? [])]
}
