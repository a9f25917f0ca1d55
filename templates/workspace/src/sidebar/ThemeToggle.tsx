import { useEffect, useState } from 'react'
import { Icon } from '../Icon.tsx'

const storageKey = 'editor-theme'

/** Light or dark: what the system prefers, until one says otherwise here. */
export function ThemeToggle() {
  const [chosen, setChosen] = useState(() => localStorage.getItem(storageKey))
  const dark = (chosen ?? systemTheme()) === 'dark'
  const other = dark ? 'light' : 'dark'

  useEffect(() => {
    if (chosen !== null) document.documentElement.dataset['theme'] = chosen
  }, [chosen])

  return (
    <button
      type="button"
      className="button icon-only"
      aria-label={`Switch to ${other} colours`}
      onClick={() => {
        localStorage.setItem(storageKey, other)
        setChosen(other)
      }}
    >
      <Icon name={dark ? 'sun' : 'moon'} />
    </button>
  )
}

function systemTheme(): string {
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}
