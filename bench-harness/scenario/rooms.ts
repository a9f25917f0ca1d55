import type { Connection } from '../worker/connection.ts'
import type { ScenarioWorker } from './scenario.ts'

/** Rooms of so many sessions each, whose members are all in one worker: so one clock measures from a publish to each delivery. */
export function createRooms(
  { plan, worker, workers }: Pick<ScenarioWorker, 'plan' | 'worker' | 'workers'>,
  size: number,
): { roomOf(session: number): string; roomOfConnection(connection: Connection): string } {
  const prefix = plan.target.dialect === 'hocuspocus' ? '' : 'chat:'
  const roomOf = (session: number): string => {
    const place = Math.floor(session / workers)
    return `${prefix}b${plan.run}-${worker}-${Math.floor(place / size)}`
  }
  return { roomOf, roomOfConnection: ({ session }) => roomOf(session) }
}
