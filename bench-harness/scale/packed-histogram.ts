import { type EncodedHistogram, mergeEncoded } from '../histogram/histogram.ts'
import { type Figures, numbersOf } from '../quick/peer-port.ts'

/** A histogram as a row of numbers, in which a child can answer it. */
export function packHistogram({ n, max, buckets }: EncodedHistogram): readonly number[] {
  return [n, max, ...buckets]
}

/** What several children answered under a name, as one histogram. */
export function mergeAnswered(answers: readonly Figures[], name: string): EncodedHistogram {
  return mergeEncoded(
    answers.map((answer) => {
      const [n = 0, max = 0, ...buckets] = numbersOf(answer, name)
      return { n, max, buckets }
    }),
  )
}
