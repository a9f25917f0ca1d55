import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder in which scaffolded projects are kept for all files of a run. */
    scaffoldedApps: string
  }
}

/** Gives all test files of a run one folder for scaffolded projects, and removes it at the end. */
export function setup(project: TestProject): () => Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'rusher-scaffolded-'))
  project.provide('scaffoldedApps', directory)
  // Not synchronous: that takes seconds, in which Vitest would miss that its workers have ended.
  return () => rm(directory, { recursive: true, force: true })
}
