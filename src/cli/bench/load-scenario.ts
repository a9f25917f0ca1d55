import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { Plan } from '../../../bench-harness/plan/plan.ts'
import type { Scenario } from '../../../bench-harness/scenario/scenario.ts'
import { scenarios } from '../../../bench-harness/scenario/scenarios.ts'
import { RusherError } from '../../protocol/index.ts'

export interface LoadedScenario {
  readonly scenario: Scenario
  /** Of one's own: all of it in one module, to be sent to the workers. */
  readonly source?: string
}

/**
 * Finds a scenario by its name, or reads one from a file that exports `scenario`. Throws a `RusherError` (`USAGE`) that says what there is.
 */
export async function loadScenario(name: string): Promise<LoadedScenario> {
  const known = scenarios.find((one) => one.name === name)
  if (known !== undefined) return { scenario: known }
  if (!/[./\\]/.test(name)) {
    const names = scenarios.map((one) => one.name).join(', ')
    throw new RusherError(
      'USAGE',
      `there is no scenario ${name}; there are ${names}, or a file of your own such as ./mine.ts`,
    )
  }
  const source = await bundled(resolve(name))
  return { scenario: await scenarioIn(source, name), source }
}

/** The scenario of a plan that was kept. */
export async function scenarioOfPlan({ scenario: { name, source } }: Plan): Promise<Scenario> {
  return source === undefined ? (await loadScenario(name)).scenario : scenarioIn(source, name)
}

async function scenarioIn(source: string, name: string): Promise<Scenario> {
  const url = `data:text/javascript;base64,${Buffer.from(source).toString('base64')}`
  const module = (await import(url)) as { readonly scenario?: unknown; readonly default?: unknown }
  const found = module.scenario ?? module.default
  if (!isScenario(found))
    throw new RusherError('USAGE', `${name} exports no \`scenario\` with name, dialects and start`)
  return found
}

async function bundled(file: string): Promise<string> {
  try {
    const { outputFiles } = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      target: 'node22',
      logLevel: 'silent',
    })
    return outputFiles[0]?.text ?? ''
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new RusherError('USAGE', `${pathToFileURL(file).pathname} cannot be read: ${why}`, {
      cause,
    })
  }
}

function isScenario(value: unknown): value is Scenario {
  if (typeof value !== 'object' || value === null) return false
  const { name, dialects, start } = value as Partial<Scenario>
  return typeof name === 'string' && Array.isArray(dialects) && typeof start === 'function'
}
