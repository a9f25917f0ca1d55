import { runFigures } from '../quick/run-figures.ts'
import { measureBusyRoom } from './busy-room.ts'
import { measureConnecting } from './connecting.ts'
import { measurePublishingRate } from './publishing-rate.ts'

const usage = `npm run bench:scale -- [options]
  --only <name>        one of busy-room, connecting, publishing; may be given again
  --short              a tenth of everything, to see that it runs
  --json               the figures as JSON
  --folder <path>      where databases go; a disk, not memory (default: the system's temporary folder)
  --profile <folder>   processor profiles of our server while it connects and publishes; the figures are then worse`

await runFigures({
  usage,
  numbers: [],
  measures: {
    'busy-room': measureBusyRoom,
    connecting: measureConnecting,
    publishing: measurePublishingRate,
  },
})
