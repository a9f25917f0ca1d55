import { Box, Text } from 'ink'
import { type Look, paint } from './look.ts'
import { filled, type Line } from './spans.ts'

export interface LinesProps {
  readonly lines: readonly Line[]
  readonly width: number
  readonly look: Look
}

/** Rows of text, each exactly as wide as it is told. */
export function Lines({ lines, width, look }: LinesProps) {
  if (lines.length === 0) return null
  const text = lines.map((line) => paint(filled(line, width), look)).join('\n')
  return (
    <Box width={width} height={lines.length} flexShrink={0}>
      <Text wrap="truncate">{text}</Text>
    </Box>
  )
}
