import { runFigures } from '../quick/run-figures.ts'
import { measureBusyRoom } from './busy-room.ts'
import { measureConnecting } from './connecting.ts'
import { measureGrowing } from './growing.ts'
import { measureOneToAll } from './one-to-all.ts'
import { measurePublishingRate } from './publishing-rate.ts'
import { measureStalledReaders } from './stalled-readers.ts'

const usage = `npm run bench:scale -- [options]
  --only <name>        repeatable; one of
                         busy-room, connecting, growing, publishing-20000, publishing-50000, one-to-all, stalled
  --short              a tenth of everything, to see that it runs
  --members <number>   members of one-to-all (default: 100,000)
  --json               the figures as JSON
  --folder <path>      folder for databases, on a disk (default: the system's temporary folder)
  --profile <folder>   processor profiles of our server while it connects and publishes; the figures are then worse`

await runFigures({
  usage,
  numbers: ['members'],
  measures: {
    'busy-room': measureBusyRoom,
    connecting: measureConnecting,
    growing: measureGrowing,
    'publishing-20000': (bench) =>
      measurePublishingRate(bench, { perSecond: 20_000, p99MaxMs: 25 }),
    'publishing-50000': (bench) =>
      measurePublishingRate(bench, { perSecond: 50_000, p99MaxMs: 120 }),
    'one-to-all': measureOneToAll,
    stalled: measureStalledReaders,
  },
})
