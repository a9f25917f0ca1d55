import { measureDelivery } from './delivery.ts'
import { measureIdleSessions } from './idle-sessions.ts'
import { measurePublishing } from './publishing.ts'
import { runFigures } from './run-figures.ts'

const usage = `npm run bench:quick -- [options]
  --only <idle|delivery|publishing>   one figure; may be given again
  --short                             a tenth of everything, to see that it runs
  --json                              the figures as JSON
  --folder <path>                     where databases go; a disk, not memory (default: the system's temporary folder)
  --profile <folder>                  processor profiles of our server under publishes; the figures are then worse`

await runFigures({
  usage,
  numbers: [],
  measures: {
    idle: measureIdleSessions,
    delivery: measureDelivery,
    publishing: measurePublishing,
  },
})
