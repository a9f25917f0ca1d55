/** What a run's folder holds. */
export const bundleFiles = {
  plan: 'plan.json',
  environment: 'environment.json',
  seconds: 'seconds.ndjson',
  events: 'events.ndjson',
  result: 'result.json',
} as const
