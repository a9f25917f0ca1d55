import './StatusPill.css'
import { useEffect, useState } from 'react'
import type { Client, ClientSnapshot } from 'rusher/client'
import { useClient } from '../use-channel.ts'

/** Says how the connection is, and what an answer of the server is worth. */
export function StatusPill({ client }: { client: Client }) {
  const status = useClient(client)
  const wasAway = useRecent(status.state !== 'online', 3_000)
  return (
    <div className={`status ${status.state}`}>
      <span className="status-dot" aria-hidden="true" />
      <span role="status">{wordsOf(status, wasAway)}</span>
      {status.state === 'offline' && (
        <>
          <Countdown until={status.retryAt} />
          <button type="button" className="status-action" onClick={() => client.reconnectNow()}>
            Try now
          </button>
        </>
      )}
    </div>
  )
}

function wordsOf({ state, attempt, durability, error }: ClientSnapshot, wasAway: boolean): string {
  switch (state) {
    case 'connecting':
      return attempt === 0 ? 'Connecting…' : 'Trying again…'
    case 'offline':
      return 'Offline'
    case 'closed':
      return error === undefined ? 'Disconnected' : `Disconnected: ${error.message}`
    case 'online':
      if (wasAway) return 'Back online'
      return durability === 'disk' ? 'Online, saved to disk' : 'Online, kept in memory'
  }
}

/** Hidden from screen readers, which would read every second aloud. */
function Countdown({ until }: { until: number | undefined }) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250)
    return () => clearInterval(timer)
  }, [])
  const seconds = Math.ceil(((until ?? now) - now) / 1_000)
  return <span aria-hidden="true">– trying again {seconds > 0 ? `in ${seconds} s` : 'now'}</span>
}

/** Whether `value` was true within the last `forMs`, after it had been false once. */
function useRecent(value: boolean, forMs: number): boolean {
  const [recent, setRecent] = useState(false)
  const [settled, setSettled] = useState(false)
  useEffect(() => {
    if (!value) setSettled(true)
    if (value && settled) setRecent(true)
    if (value || !recent) return
    const timer = setTimeout(() => setRecent(false), forMs)
    return () => clearTimeout(timer)
  }, [value, settled, recent, forMs])
  return recent && !value
}
