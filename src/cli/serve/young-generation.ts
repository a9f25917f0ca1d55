import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import type { EdgeHeap } from '../../server/index.ts'

/** What half of V8's young generation of this process may grow to, in MB. */
const semiSpaceMb = 16
const bytesMax = 2 * semiSpaceMb * 1024 * 1024
const lookEveryMs = 50
const flag = '--max-semi-space-size'

/*
 * On a machine with much memory V8 lets the young generation grow to 128 MB, does so while many clients connect at once, and gives
 * none of it back. With 15,000 sessions that was half of what each of them cost, and bounding it cost no processor time that
 * could be measured. Whoever gives the flag of Node that bounds it is not overruled.
 */

/**
 * By how much V8 lets an old generation outgrow what was alive in it. Left to itself it doubles small heaps: with 18,000 sessions an edge
 * took 6.4 KB for each instead of 5.7, for no processor time that could be measured.
 */
const growth = '--heap-growing-percent=15'

/**
 * Options of Node for an edge process. The old generation is given here whatever NODE_OPTIONS says: that is meant for the process which
 * holds the channels, and is inherited.
 */
export function edgeNodeOptions(
  nodeOptions: string | undefined,
  { semiSpaceMb: ownMb, oldSpaceMb }: EdgeHeap,
): readonly string[] {
  return [
    ...(nodeOptions?.includes(flag) === true ? [] : [`${flag}=${ownMb}`]),
    growth,
    ...(oldSpaceMb === undefined ? [] : [`--max-old-space-size=${oldSpaceMb}`]),
  ]
}

/**
 * Bounds the young generation of this process, which is running already: V8 reads its maximum only when it starts, but the factor of
 * growth each time.
 */
export function boundYoungGeneration(nodeOptions: string | undefined): void {
  if ([...process.execArgv, nodeOptions ?? ''].some((text) => text.includes(flag))) return
  const timer = setInterval(() => {
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
    if (young !== undefined && young.space_size < bytesMax) return
    setFlagsFromString('--semi-space-growth-factor=1')
    clearInterval(timer)
  }, lookEveryMs)
  timer.unref()
}
