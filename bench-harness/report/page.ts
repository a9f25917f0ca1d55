import { createHash } from 'node:crypto'
import { type Html, html, trusted } from './html.ts'

export interface Page {
  readonly title: string
  readonly body: Html
  readonly styles: readonly string[]
  readonly scripts: readonly string[]
}

/**
 * One file that needs nothing else: it may run the scripts and styles that it was written with, known by their hashes (Content Security
 * Policy Level 3, section 6.7), and may load nothing.
 */
export function writePage({ title, body, styles, scripts }: Page): string {
  const policy = [
    "default-src 'none'",
    `style-src ${styles.map(hashOf).join(' ')}`,
    `script-src ${scripts.map(hashOf).join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
${styles.map((style) => trusted(`<style>${style}</style>`))}
</head>
<body>
${body}
${scripts.map((script) => trusted(`<script>${script}</script>`))}
</body>
</html>
`
  return page.html
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
