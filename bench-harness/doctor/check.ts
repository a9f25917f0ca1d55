import type { HostFacts } from '../control/messages.ts'

export type Level = 'ok' | 'warn' | 'bad'
export type Side = 'client' | 'server'

/** A machine, and what it is to do in the run. */
export interface Subject {
  readonly side: Side
  readonly facts: HostFacts
  /** Processes that hold connections there. */
  readonly processes: number
  /** Hard limit of open files of each; absent: that of the facts. */
  readonly descriptorsMax?: number
  /** Connections that it is to hold; absent: nobody said how many. */
  readonly connections?: number
  /** Addresses that connections leave from. */
  readonly sources: number
  /** Distinct address and port pairs that are dialled. */
  readonly destinations: number
  /** Ports of this machine on which something listens, as far as known. */
  readonly listening: readonly number[]
  /** Clients and server are on this one machine. */
  readonly shared: boolean
}

/** What can be done. Settings are of /proc/sys, are set at run time only, and can be taken back. */
export type Fix =
  | { readonly kind: 'settings'; readonly settings: Readonly<Record<string, string>> }
  | { readonly kind: 'advice'; readonly text: string }

export interface Finding {
  readonly level: Level
  /** The figures, in few words. */
  readonly found: string
  /** What comes of it; for `ok`: nothing. */
  readonly effect?: string
  readonly fix?: Fix
}

export interface Check {
  readonly id: string
  readonly sides: readonly Side[]
  /** `undefined` where the machine does not tell, so that nothing can be said. */
  readonly look: (subject: Subject) => Finding | undefined
}

/** A setting of one whole number; `undefined` where it is not there. */
export function numberIn(facts: HostFacts, name: string): number | undefined {
  return numbersIn(facts, name)[0]
}

/** A setting of several numbers, such as tcp_mem. */
export function numbersIn({ sysctls }: HostFacts, name: string): number[] {
  return (sysctls[name] ?? '').split(/\s+/).filter(Boolean).map(Number)
}

export function settings(values: Readonly<Record<string, string>>): Fix {
  return { kind: 'settings', settings: values }
}

export function advice(text: string): Fix {
  return { kind: 'advice', text }
}
