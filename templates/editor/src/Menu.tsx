import './Menu.css'
import { type KeyboardEvent, type RefObject, useEffect, useId, useRef, useState } from 'react'
import { Icon } from './Icon.tsx'

export interface MenuItem {
  readonly label: string
  readonly icon: Parameters<typeof Icon>[0]['name']
  readonly danger?: boolean
  readonly onUse: () => void
}

interface MenuProps {
  readonly label: string
  readonly items: readonly MenuItem[]
  readonly button?: RefObject<HTMLButtonElement | null>
}

/** A menu button: arrow keys move, Escape closes, and focus returns to the button. */
export function Menu({ label, items, button }: MenuProps) {
  const [open, setOpen] = useState(false)
  const own = useRef<HTMLButtonElement>(null)
  const menu = useRef<HTMLDivElement>(null)
  const opener = button ?? own
  const id = useId()

  useEffect(() => {
    if (!open || menu.current === null || opener.current === null) return
    place(menu.current, opener.current.getBoundingClientRect())
    itemsIn(menu.current)[0]?.focus()
  }, [open, opener])

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    // What surrounds the menu closes by Escape as well.
    event.stopPropagation()
    if (event.key === 'Tab') return event.currentTarget.hidePopover()
    const all = itemsIn(event.currentTarget)
    const at = all.indexOf(document.activeElement as HTMLElement)
    const next = {
      ArrowDown: (at + 1) % all.length,
      ArrowUp: (at + all.length - 1) % all.length,
      Home: 0,
      End: all.length - 1,
    }[event.key]
    if (next === undefined) return
    event.preventDefault()
    all[next]?.focus()
  }
  return (
    <>
      <button
        ref={opener}
        type="button"
        className="button icon-only menu-button"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        popoverTarget={id}
      >
        <Icon name="dots" />
      </button>
      <div
        ref={menu}
        id={id}
        popover="auto"
        role="menu"
        aria-label={label}
        className="menu"
        onToggle={({ newState }) => setOpen(newState === 'open')}
        onKeyDown={onKeyDown}
      >
        {open &&
          items.map((item) => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              className={item.danger === true ? 'danger' : undefined}
              onClick={() => {
                menu.current?.hidePopover()
                item.onUse()
              }}
            >
              <Icon name={item.icon} />
              {item.label}
            </button>
          ))}
      </div>
    </>
  )
}

function itemsIn(menu: HTMLElement): readonly HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('[role="menuitem"]')]
}

/** Below the button; above it where there is no room below. */
function place(menu: HTMLElement, { top, bottom, left, right }: DOMRect): void {
  const { offsetWidth: width, offsetHeight: height } = menu
  const fitsBelow = bottom + height + 8 <= innerHeight
  const start = left + width + 8 <= innerWidth ? left : right - width
  menu.style.setProperty('top', `${fitsBelow ? bottom + 4 : Math.max(8, top - height - 4)}px`)
  menu.style.setProperty('left', `${Math.max(8, start)}px`)
}
