import type { Doc, XmlFragment } from 'yjs'

type Listener = Parameters<XmlFragment['observeDeep']>[0]

/**
 * Catches and reports errors of listeners on the page's content. Otherwise an editor that cannot
 * render a change would abort the message that brought it, and would then show something other than
 * the stored content.
 */
export function guardObservers(
  fragment: XmlFragment,
  failed: (error: unknown) => void,
): XmlFragment {
  const guarded = new Map<Listener, Listener>()
  const observe = fragment.observeDeep.bind(fragment)
  const unobserve = fragment.unobserveDeep.bind(fragment)
  fragment.observeDeep = (listener) => {
    const careful: Listener = (events, transaction) => {
      try {
        listener(events, transaction)
      } catch (error) {
        failed(error)
      }
    }
    guarded.set(listener, careful)
    observe(careful)
  }
  fragment.unobserveDeep = (listener) => {
    unobserve(guarded.get(listener) ?? listener)
    guarded.delete(listener)
  }
  return fragment
}

/**
 * Makes a document reject local writes while `locked`. An editor that missed a change would
 * otherwise delete the content that it does not show. Updates from the server are still applied.
 */
export function lockable(doc: Doc): { locked: boolean } {
  const lock = { locked: false }
  const transact = doc.transact.bind(doc)
  doc.transact = ((act, ...rest) =>
    lock.locked ? undefined : transact(act, ...rest)) as typeof doc.transact
  return lock
}
