/** What the bench asks a child, beside the kind of question. */
export type Fields = Readonly<Record<string, number | string>>

/** What a child answers: numbers by name, or rows of them. */
export type Figures = Readonly<Record<string, number | readonly number[]>>

export interface Question {
  readonly no: number
  readonly kind: string
  readonly fields: Fields
}

export type Answer =
  | { readonly no: number; readonly figures: Figures }
  | { readonly no: number; readonly fault: string }

type Handlers = Readonly<Record<string, (fields: Fields) => Figures | Promise<Figures>>>

/** Answers the questions of the process that started this one, and ends with it. */
export function answerParent(handlers: Handlers): void {
  process.on('message', (question: Question) => void answer(handlers, question))
  process.on('disconnect', () => process.exit())
}

async function answer(handlers: Handlers, { no, kind, fields }: Question): Promise<void> {
  try {
    const handle = handlers[kind]
    if (handle === undefined) throw new Error(`there is no question ${kind}`)
    tell({ no, figures: await handle(fields) })
  } catch (error) {
    tell({ no, fault: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
}

function tell(answer: Answer): void {
  process.send?.(answer)
}

/** A number out of fields or figures that must have it. */
export function numberOf(fields: Fields | Figures, name: string): number {
  const value = fields[name]
  if (typeof value !== 'number') throw new Error(`${name} is missing, or no number`)
  return value
}

/** A row of numbers out of figures that must have it. */
export function numbersOf(figures: Figures, name: string): readonly number[] {
  const value = figures[name]
  if (!Array.isArray(value)) throw new Error(`${name} is missing, or no row of numbers`)
  return value
}

/** A text out of fields that must have it. */
export function textOf(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value !== 'string') throw new Error(`${name} is missing, or no text`)
  return value
}
