import type { Doc, XmlFragment } from 'yjs'

type Listener = Parameters<XmlFragment['observeDeep']>[0]

/**
 * Keeps what a listener of the page's content throws away from Yjs, and tells it: an editor that cannot show a change would otherwise
 * end the message that brought it, and go on showing something else than what is stored.
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
 * A document in which an editor cannot write while `locked`. One that missed a change takes what it shows for what is meant, and would
 * delete what it does not show. What comes from the server is applied all the same.
 */
export function lockable(doc: Doc): { locked: boolean } {
  const lock = { locked: false }
  const transact = doc.transact.bind(doc)
  doc.transact = ((act, ...rest) =>
    lock.locked ? undefined : transact(act, ...rest)) as typeof doc.transact
  return lock
}
