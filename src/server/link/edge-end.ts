import type { Port, ToEdge } from './link.ts'

/** One edge's end of its link, with the number that tells edges apart. */
export interface EdgeEnd {
  readonly id: number
  readonly port: Port<ToEdge>
  /** Whether the edge has missed its heartbeats; absent for an edge in this process. */
  readonly isSilent?: () => boolean
}
