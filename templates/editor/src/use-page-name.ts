import { useEffect, useSyncExternalStore } from 'react'
import { pageOfHash, titleOf } from './pages.ts'

/** The page in the address, so that a page can be linked to and the back button works. */
export function usePageName(): string {
  const page = useSyncExternalStore(subscribeHash, () => pageOfHash(location.hash))
  useEffect(() => {
    document.title = `${titleOf(page)} – Pages`
  }, [page])
  return page
}

function subscribeHash(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}
