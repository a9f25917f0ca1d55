import { rmSync } from 'node:fs'

// `tsc -b` leaves the output of deleted sources behind, so a build starts from nothing.
rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true })
