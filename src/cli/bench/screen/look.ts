import { styleText } from 'node:util'
import type { Line, Tone } from './spans.ts'

/** How the screen may look on this terminal. */
export interface Look {
  /** `weights`: bold and reverse, but no colour, as NO_COLOR wants. */
  readonly ink: 'colours' | 'weights' | 'nothing'
  readonly glyphs: Glyphs
}

export interface Glyphs {
  readonly ascii: boolean
  readonly good: string
  readonly warn: string
  readonly bad: string
  readonly waiting: string
  readonly note: string
  readonly now: string
  readonly chosen: string
  readonly frozen: string
  readonly bar: string
  readonly barRest: string
  readonly rule: string
  readonly side: string
  /** Corners: top left, top right, bottom left, bottom right. */
  readonly corners: readonly [string, string, string, string]
  /** From little to much, without nothing. */
  readonly steps: string
  readonly shades: string
  readonly arrows: string
  readonly enter: string
  readonly to: string
  readonly atMost: string
}

const unicode: Glyphs = {
  ascii: false,
  good: '✓',
  warn: '▲',
  bad: '✗',
  waiting: '…',
  note: '·',
  now: '▸',
  chosen: '▌',
  frozen: '■',
  bar: '━',
  barRest: '─',
  rule: '─',
  side: '│',
  corners: ['╭', '╮', '╰', '╯'],
  steps: '▁▂▃▄▅▆▇█',
  shades: '░▒▓█',
  arrows: '↑↓',
  enter: '⏎',
  to: '→',
  atMost: '≤',
}

const ascii: Glyphs = {
  ascii: true,
  good: '+',
  warn: '!',
  bad: 'x',
  waiting: '.',
  note: '-',
  now: '>',
  chosen: '>',
  frozen: '#',
  bar: '=',
  barRest: '-',
  rule: '-',
  side: '|',
  corners: ['+', '+', '+', '+'],
  steps: '_.-=+*%#',
  shades: '.:+#',
  arrows: 'up/down',
  enter: 'enter',
  to: '->',
  atMost: '<',
}

type Environment = Readonly<Record<string, string | undefined>>

/** What the environment says of the terminal: NO_COLOR, TERM, and a locale that can show more than ASCII. */
export function lookOf(environment: Environment): Look {
  const term = environment['TERM'] ?? ''
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || ''
  const many = /utf-?8/i.test(locale) && term !== 'dumb' && term !== 'linux'
  const noColour = (environment['NO_COLOR'] ?? '') !== ''
  return {
    ink: term === 'dumb' ? 'nothing' : noColour ? 'weights' : 'colours',
    glyphs: many ? unicode : ascii,
  }
}

type Format = Parameters<typeof styleText>[0]

const coloured: Readonly<Record<Tone, Format | undefined>> = {
  plain: undefined,
  strong: 'bold',
  dim: 'gray',
  accent: 'cyan',
  good: 'green',
  warn: 'yellow',
  bad: ['bold', 'red'],
  chosen: ['bold', 'cyan'],
  badge: ['bold', 'inverse', 'cyan'],
}

const weighed: Readonly<Record<Tone, Format | undefined>> = {
  plain: undefined,
  strong: 'bold',
  dim: 'dim',
  accent: undefined,
  good: undefined,
  warn: 'bold',
  bad: 'bold',
  chosen: 'bold',
  badge: ['bold', 'inverse'],
}

/** The line as the terminal takes it. */
export function paint(line: Line, { ink, glyphs }: Look): string {
  const formats = ink === 'colours' ? coloured : weighed
  return line
    .map(({ text, tone }) => {
      const shown = glyphs.ascii ? asciiOnly(text) : text
      const format = formats[tone]
      if (ink === 'nothing' || format === undefined || shown.trim() === '') return shown
      return styleText(format, shown, { validateStream: false })
    })
    .join('')
}

/** Cells stay as many as they were: what is cut is marked, and what else ASCII has not is a question mark. */
function asciiOnly(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text
  return text.replaceAll('…', '~').replace(/[^\x20-\x7e]/gu, '?')
}
