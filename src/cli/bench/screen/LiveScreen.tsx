import { useInput, useWindowSize } from 'ink'
import { useSyncExternalStore } from 'react'
import { keyOf } from './keys.ts'
import { Screen } from './Screen.tsx'
import type { ScreenModel } from './screen-model.ts'

/** The screen in a terminal: draws what the model shows, and hands keys to it. */
export function LiveScreen({ model }: { readonly model: ScreenModel }) {
  const shown = useSyncExternalStore(model.subscribe, model.shown)
  const size = useWindowSize()
  useInput((input, ink) => {
    const key = keyOf(input, ink)
    if (key !== undefined) model.press(key)
  })
  return <Screen shown={shown} size={size} />
}
