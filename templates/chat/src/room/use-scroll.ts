import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'

export interface Scroll {
  readonly list: RefObject<HTMLDivElement | null>
  readonly atEnd: boolean
  readonly toEnd: () => void
  /** Brings the message of this key into the middle; false when it is not in the list. */
  readonly toMessage: (key: string) => boolean
}

/** What stays where it is when the list changes: its end, or the first message in view. */
type Place = { readonly atEnd: true } | { readonly atEnd: false; key: string; top: number }

const nearPx = 60

/**
 * Keeps what the reader looks at in place, whatever comes above or below it: at the end it follows new messages, elsewhere
 * older pages and edits do not move the text. Whoever renders the list calls this, and gives its messages a `data-key`.
 */
export function useScroll(): Scroll {
  const list = useRef<HTMLDivElement>(null)
  const place = useRef<Place>({ atEnd: true })
  const [atEnd, setAtEnd] = useState(true)

  const settle = useCallback(() => {
    if (list.current !== null) restore(list.current, place.current)
  }, [])
  const toEnd = useCallback(() => {
    place.current = { atEnd: true }
    setAtEnd(true)
    settle()
  }, [settle])

  const toMessage = useCallback((key: string) => {
    const { current } = list
    const element = current && elementOf(current, key)
    if (!current || !element) return false
    const box = element.getBoundingClientRect()
    const middle = current.getBoundingClientRect().top + current.clientHeight / 2
    current.scrollTop += box.top + Math.min(box.height, current.clientHeight) / 2 - middle
    place.current = placeOf(current)
    setAtEnd(place.current.atEnd)
    return true
  }, [])

  useLayoutEffect(settle)
  useEffect(() => {
    const element = list.current
    if (element === null) return
    const onScroll = () => {
      place.current = placeOf(element)
      setAtEnd(place.current.atEnd)
    }
    // The keyboard of a phone, a growing composer, a resized window.
    const observer = new ResizeObserver(settle)
    observer.observe(element)
    for (const child of element.children) observer.observe(child)
    element.addEventListener('scroll', onScroll, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', onScroll)
    }
  }, [settle])

  return { list, atEnd, toEnd, toMessage }
}

function placeOf(list: HTMLElement): Place {
  if (list.scrollHeight - list.scrollTop - list.clientHeight < nearPx) return { atEnd: true }
  const { top } = list.getBoundingClientRect()
  const messages = list.querySelectorAll<HTMLElement>('[data-key]')
  // They stand in order, so the first one in view is found by halving.
  let [from, to] = [0, messages.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if ((messages[middle]?.getBoundingClientRect().bottom ?? 0) > top) to = middle
    else from = middle + 1
  }
  const first = messages[from]
  if (first === undefined) return { atEnd: true }
  return {
    atEnd: false,
    key: first.dataset['key'] ?? '',
    top: first.getBoundingClientRect().top - top,
  }
}

function restore(list: HTMLElement, place: Place): void {
  if (place.atEnd) {
    list.scrollTop = list.scrollHeight
    return
  }
  const element = elementOf(list, place.key)
  if (element === null) return
  const top = element.getBoundingClientRect().top - list.getBoundingClientRect().top
  list.scrollTop += top - place.top
}

function elementOf(list: HTMLElement, key: string): Element | null {
  return list.querySelector(`[data-key="${CSS.escape(key)}"]`)
}
