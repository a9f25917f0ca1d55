import { Extension } from '@tiptap/core'
import type { Attrs, Schema } from '@tiptap/pm/model'
import { isWebAddress } from '../addresses.ts'

/**
 * Sanitizes the attributes of every node and mark when it is created. Stored content is untrusted:
 * any writer can store attributes that no editor produces. Code that renders them need not check
 * again.
 */
export const SoundAttributes = Extension.create({
  name: 'soundAttributes',
  onBeforeCreate() {
    guardSchema(this.editor.schema)
  },
})

/** Makes a schema sanitize the attributes of the nodes and marks that it creates. */
export function guardSchema({ nodes, marks }: Schema): void {
  for (const type of Object.values(nodes)) {
    const { create, createChecked, createAndFill } = type
    type.create = (attrs, ...rest) => create.call(type, soundAttributes(attrs), ...rest)
    type.createChecked = (attrs, ...rest) =>
      createChecked.call(type, soundAttributes(attrs), ...rest)
    type.createAndFill = (attrs, ...rest) =>
      createAndFill.call(type, soundAttributes(attrs), ...rest)
  }
  for (const type of Object.values(marks)) {
    const { create } = type
    type.create = (attrs) => create.call(type, soundAttributes(attrs))
  }
}

type Judge = (value: unknown) => unknown

/** Sanitizes one attribute by its name; undefined selects the attribute's default. */
const judges: Readonly<Record<string, Judge>> = {
  level: (value) => whole(value, 1, 6),
  colspan: (value) => whole(value, 1, 100),
  rowspan: (value) => whole(value, 1, 10_000),
  start: (value) => whole(value, -1e9, 1e9),
  colwidth: (value) => (isWidths(value) ? value : undefined),
  href: (value) => (typeof value === 'string' && isWebAddress(value) ? value : undefined),
  src: (value) => (typeof value === 'string' && /^https?:\/\//i.test(value) ? value : undefined),
  width: size,
  height: size,
}

/**
 * Attributes that are safe to render: known ones are validated, all others must be plain values.
 */
export function soundAttributes(attrs: Attrs | null | undefined): Attrs | null {
  if (typeof attrs !== 'object' || attrs === null) return null
  const sound: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(attrs)) {
    const judge = Object.hasOwn(judges, name) ? judges[name] : plain
    const judged = value === null ? null : judge?.(value)
    if (judged !== undefined) sound[name] = judged
  }
  return sound
}

function plain(value: unknown): unknown {
  return ['string', 'number', 'boolean'].includes(typeof value) ? value : undefined
}

function size(value: unknown): unknown {
  const isSize = typeof value === 'string' && /^\d{1,5}(?:px|%|em|rem)?$/.test(value)
  return isSize || whole(value, 0, 100_000) !== undefined ? value : undefined
}

function whole(value: unknown, min: number, max: number): number | undefined {
  const isWhole = typeof value === 'number' && Number.isInteger(value)
  return isWhole && value >= min && value <= max ? value : undefined
}

function isWidths(value: unknown): boolean {
  if (!Array.isArray(value) || value.length > 100) return false
  return value.every((width) => width === null || whole(width, 0, 100_000) !== undefined)
}
