import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** What draws time series in a report: uPlot's script, which leaves one global, and its style. */
export interface ChartLibrary {
  readonly script: string
  readonly style: string
}

/** Reads uPlot from where it is installed. */
export function readChartLibrary(): ChartLibrary {
  const { resolve } = createRequire(import.meta.url)
  return {
    script: readFileSync(resolve('uplot/dist/uPlot.iife.min.js'), 'utf8'),
    style: readFileSync(resolve('uplot/dist/uPlot.min.css'), 'utf8'),
  }
}
