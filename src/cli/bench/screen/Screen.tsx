import { Box } from 'ink'
import { Body } from './Body.tsx'
import { BottomLine } from './BottomLine.tsx'
import { Header } from './Header.tsx'
import { isTooSmall, type Size } from './layout.ts'
import type { Shown } from './shown.ts'
import { TooSmall } from './TooSmall.tsx'

/** A frame: one row lower than the terminal, and never wider. */
export function Screen({ shown, size }: { readonly shown: Shown; readonly size: Size }) {
  if (isTooSmall(size)) return <TooSmall shown={shown} size={size} />
  return (
    <Box flexDirection="column" width={size.columns} flexShrink={0}>
      <Header shown={shown} width={size.columns} />
      <Body shown={shown} size={size} />
      <BottomLine shown={shown} width={size.columns} />
    </Box>
  )
}
