import { useEffect, useState } from 'react'

export interface Drawer {
  readonly open: boolean
  readonly show: () => void
  readonly hide: () => void
}

/**
 * The side bar as a drawer, on a phone. It takes the focus when it opens; Escape closes it wherever
 * the focus is, and gives the focus back to the button that opened it.
 */
export function useDrawer(): Drawer {
  const [open, setOpen] = useState(false)
  useEffect(() => {
    if (!open) return
    const opener = document.activeElement
    document.querySelector<HTMLElement>('#sidebar .drawer-only')?.focus()
    const onKeyDown = (event: KeyboardEvent) => {
      // A dialog or menu in the drawer closes first.
      if (event.key !== 'Escape' || event.defaultPrevented) return
      if (document.querySelector('dialog[open], [popover]:popover-open') !== null) return
      setOpen(false)
    }
    addEventListener('keydown', onKeyDown)
    return () => {
      removeEventListener('keydown', onKeyDown)
      const focused = document.activeElement
      const isInside = focused === document.body || focused?.closest('#sidebar') != null
      if (isInside && opener instanceof HTMLElement) opener.focus()
    }
  }, [open])
  return { open, show: () => setOpen(true), hide: () => setOpen(false) }
}
