import { CloseUp } from './CloseUp.tsx'
import { ErrorsView } from './ErrorsView.tsx'
import { Help } from './Help.tsx'
import { HostsView } from './HostsView.tsx'
import { LatencyView } from './LatencyView.tsx'
import { bodyRows, isBoxed, type Size } from './layout.ts'
import { Overview } from './Overview.tsx'
import { ServerView } from './ServerView.tsx'
import type { Shown } from './shown.ts'

/** The view that was chosen. */
export function Body({ shown, size }: { readonly shown: Shown; readonly size: Size }) {
  const { state, view } = shown
  const place = { width: size.columns, height: bodyRows(size), boxed: isBoxed(size) }
  if (state.help) return <Help shown={shown} place={place} />
  const host = state.open ? view.hosts.find(({ name }) => name === state.host) : undefined
  if (host !== undefined) return <CloseUp shown={shown} host={host} place={place} />
  switch (state.view) {
    case 'overview':
      return <Overview shown={shown} size={size} />
    case 'hosts':
      return <HostsView shown={shown} place={place} />
    case 'latency':
      return <LatencyView shown={shown} place={place} />
    case 'errors':
      return <ErrorsView shown={shown} place={place} />
    case 'server':
      return <ServerView shown={shown} place={place} />
    default:
      return state.view satisfies never
  }
}
