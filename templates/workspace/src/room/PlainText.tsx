import { memo } from 'react'
import { plainText } from './markdown.ts'

/** A message on one line, without its marks. It is read once, however often it is shown. */
export const PlainText = memo(function PlainText({ text }: { text: string }) {
  return plainText(text)
})
