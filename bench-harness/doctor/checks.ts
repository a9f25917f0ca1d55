import type { Check } from './check.ts'
import { checksOfMachine } from './checks-of-machine.ts'
import { checksOfNetwork } from './checks-of-network.ts'

/** All that is looked at on a machine, in the order in which it is shown. */
export const checks: readonly Check[] = [...checksOfNetwork, ...checksOfMachine]
