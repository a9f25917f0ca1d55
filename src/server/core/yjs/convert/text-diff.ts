import { align } from './align.ts'

/** How one text becomes another. Lengths are in UTF-16 units. */
export type TextStep =
  | { readonly kind: 'retain'; readonly length: number }
  | { readonly kind: 'delete'; readonly length: number }
  | { readonly kind: 'insert'; readonly insert: string }

/**
 * How one text becomes another: what both begin and end with stays, the rest is compared by words.
 * Takes time and memory in proportion to the lengths, whatever the texts are.
 */
export function diffStrings(old: string, wanted: string): readonly TextStep[] {
  const steps: TextStep[] = []
  const [start, end] = commonEndsOf(old, wanted)
  retain(steps, start)
  diffMiddle(old.slice(start, old.length - end), wanted.slice(start, wanted.length - end), steps)
  retain(steps, end)
  return steps
}

function diffMiddle(old: string, wanted: string, steps: TextStep[]): void {
  if (old === '' || wanted === '') return replace(steps, old, wanted)
  const oldWords = wordsOf(old)
  const wantedWords = wordsOf(wanted)
  let removed = ''
  let added = ''
  for (const step of align({ old: oldWords, wanted: wantedWords })) {
    if (step.kind === 'remove') removed += oldWords[step.old] ?? ''
    else if (step.kind === 'add') added += wantedWords[step.wanted] ?? ''
    else {
      replaceMiddle(steps, removed, added)
      removed = ''
      added = ''
      retain(steps, oldWords[step.old]?.length ?? 0)
    }
  }
  replaceMiddle(steps, removed, added)
}

/** Words, spaces and other characters, one after another: together they are the text. */
export function wordsOf(text: string): readonly string[] {
  return text.match(/[\p{L}\p{N}\p{M}_]+|\s|[^\p{L}\p{N}\p{M}_\s]/gu) ?? []
}

function replaceMiddle(steps: TextStep[], old: string, wanted: string): void {
  const [start, end] = commonEndsOf(old, wanted)
  retain(steps, start)
  replace(steps, old.slice(start, old.length - end), wanted.slice(start, wanted.length - end))
  retain(steps, end)
}

function replace(steps: TextStep[], old: string, wanted: string): void {
  if (old !== '') steps.push({ kind: 'delete', length: old.length })
  if (wanted !== '') steps.push({ kind: 'insert', insert: wanted })
}

function retain(steps: TextStep[], length: number): void {
  if (length === 0) return
  const last = steps.at(-1)
  if (last?.kind !== 'retain') steps.push({ kind: 'retain', length })
  else steps[steps.length - 1] = { kind: 'retain', length: last.length + length }
}

/** Code units of the common prefix and suffix, without splitting a surrogate pair. */
function commonEndsOf(old: string, wanted: string): readonly [number, number] {
  const most = Math.min(old.length, wanted.length)
  let start = 0
  while (start < most && old.charCodeAt(start) === wanted.charCodeAt(start)) start += 1
  if (start > 0 && isHalf(old.charCodeAt(start - 1), 0xd800)) start -= 1
  let end = 0
  while (
    end < most - start &&
    old.charCodeAt(old.length - 1 - end) === wanted.charCodeAt(wanted.length - 1 - end)
  ) {
    end += 1
  }
  if (end > 0 && isHalf(old.charCodeAt(old.length - end), 0xdc00)) end -= 1
  return [start, end]
}

/** Whether a unit is half of a character: the first one from 0xd800, the second one from 0xdc00. */
function isHalf(code: number, from: number): boolean {
  return code >= from && code < from + 0x400
}
