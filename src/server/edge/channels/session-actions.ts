import type { CloseReason } from '../../../protocol/index.ts'
import type { Session } from './session.ts'

/** What the parts of an edge do to a session. */
export interface SessionActions {
  /** Ends a session for a reason; `detail` replaces the table's text. */
  close(session: Session, reason: CloseReason, detail?: string): void
  send(session: Session, message: string): void
  /** What the session was told since its connect goes out, in one write. */
  release(session: Session): void
}
