import { describe, expect, it } from 'vitest'
import { parseXml } from './parse-xml.ts'
import { drawTsungGraph } from './tsung-graph.ts'

const users = [
  { atMs: 10_000, count: 900 },
  { atMs: 20_000, count: 1_000 },
]

describe('a graph of users and connections', () => {
  it('is a whole document with a line for each series that is given', () => {
    const drawn = drawTsungGraph({
      title: 'A < B & "C"',
      lines: { users, ready: users.map(({ atMs }) => ({ atMs, count: 0 })) },
    })
    const parsed = parseXml(drawn)
    if ('mistake' in parsed) throw new Error(parsed.mistake.message)
    expect(parsed.root.attributes['aria-label']).toBe(
      'A < B & "C": users (Tsung) up to 1,000, ready (Rusher) up to 0',
    )
    expect(drawn.match(/<path class="line \w+" d="M64/g)).toHaveLength(2)
    expect(drawn).not.toContain('NaN')
  })

  it('can be of nothing', () => {
    expect(drawTsungGraph({ title: 'none', lines: {} })).not.toMatch(/NaN|Infinity/)
  })
})
