import type { OwnServer } from '../../../bench-harness/controller/own-server.ts'
import type { Plan } from '../../../bench-harness/plan/plan.ts'
import { isThisMachine, portOf } from '../../../bench-harness/plan/target-address.ts'
import { combineServerSides } from '../../../bench-harness/server-side/combine.ts'
import { createLocalServerSide } from '../../../bench-harness/server-side/local-server-side.ts'
import {
  createMetricsServerSide,
  metricsUrlOf,
} from '../../../bench-harness/server-side/metrics-server-side.ts'
import type { ServerSide } from '../../../bench-harness/server-side/server-side.ts'
import { connectSshServerSide } from '../../../bench-harness/server-side/ssh-server-side.ts'
import type { BenchFlags } from './bench-flags.ts'

/** All that can be seen of the server: on this machine, over ssh where it was named, and what a Rusher says of itself. */
export async function openServerSide(
  { target }: Plan,
  ownServer: OwnServer | undefined,
  flags: BenchFlags,
  note: (text: string) => void,
): Promise<ServerSide> {
  const [first = ''] = target.urls
  const ports = [...new Set(target.urls.map((url) => portOf(new URL(url))))]
  const sides: ServerSide[] = []
  const isHere = isThisMachine(target)
  if (flags.server !== undefined)
    sides.push(
      await connectSshServerSide(
        {
          destination: flags.server,
          ports,
          ...(flags.sshConfig === undefined ? {} : { sshWords: ['-F', flags.sshConfig] }),
          ...(flags.acceptNewHostKeys === true ? { acceptNewHostKeys: true } : {}),
        },
        note,
      ),
    )
  else if (isHere)
    sides.push(
      createLocalServerSide(
        {
          ports,
          ...(ownServer === undefined ? {} : { pid: ownServer.pid }),
          ...(ownServer?.databaseFile === undefined
            ? {}
            : { databaseFile: ownServer.databaseFile }),
        },
        note,
      ),
    )
  if (target.dialect === 'rusher' || target.own)
    sides.push(createMetricsServerSide({ url: metricsUrlOf(first), note }))
  return combineServerSides(sides)
}
