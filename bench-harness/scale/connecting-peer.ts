import { openSessions } from '../quick/dialects.ts'
import { answerParent, type Fields, numberOf, textOf } from '../quick/peer-port.ts'
import { openRawSession, type RawSession } from '../quick/raw-session.ts'
import { openJoined } from './joined-session.ts'
import { nowUs } from './stamp.ts'

/* Opens sessions, so many under way at a time, and ends them all by RST when it is told to. */

const path = '/rusher'
const sessions: RawSession[] = []

async function connect(fields: Fields): Promise<Record<string, number>> {
  const count = numberOf(fields, 'count')
  const port = numberOf(fields, 'port')
  const prefix = textOf(fields, 'prefix')
  const host = '127.0.0.1'
  const bare = textOf(fields, 'dialect') === 'bare'
  const channels = textOf(fields, 'channels').split(',')
  const startedUs = nowUs()
  await openSessions(count, numberOf(fields, 'atOnce'), async (index) => {
    const user = `${prefix}-${index}`
    sessions.push(
      bare
        ? await openRawSession({ port, host, path }, () => undefined)
        : await openJoined({ port, host, user, channels }, () => undefined),
    )
  })
  return { startedUs, endedUs: nowUs(), held: sessions.length }
}

function reset(): Record<string, number> {
  const count = sessions.length
  for (const session of sessions.splice(0)) session.reset()
  return { count }
}

answerParent({ connect, reset })
