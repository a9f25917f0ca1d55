/** Breaks between words; a word that is longer than a line stays whole. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').filter(Boolean)) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}

/** Wraps a text to a width in columns; a text that fits keeps its spaces. */
export function fitted(text: string, columns: number): readonly string[] {
  return text.length <= columns ? [text] : wrap(text, columns)
}
