import { useSyncExternalStore } from 'react'
import { pageOfHash } from './pages.ts'

/** The id of the page in the address, so that a page can be linked to and the back button works. */
export function usePageName(): string {
  return useSyncExternalStore(subscribeHash, () => pageOfHash(location.hash))
}

function subscribeHash(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}
