import type { Json } from '../../../protocol/index.ts'
import type { App, Context, Decision, Retention } from '../app.ts'

/** What can be set for plain channels. */
export interface PlainOptions {
  /** How long their events are kept. Default: always. */
  readonly retention?: Retention
}

/**
 * The app of plain channels: those whose names belong to no other app. A publish of any JSON goes
 * into the log, a signal of any JSON to who is there. It answers no requests.
 */
export function createPlainApp({ retention }: PlainOptions = {}): App<null, Json> {
  return {
    name: 'plain',
    ...(retention === undefined ? {} : { retention }),
    parse: (body) => body,
    decide: (_state, body, _member, context) => decidePlain(context, body),
  }
}

function decidePlain({ act }: Context, body: Json): Decision {
  switch (act) {
    case 'publish':
      return { kind: 'publish', body, keep: 'log' }
    case 'signal':
      return { kind: 'publish', body, keep: 'never' }
    case 'request':
      return { kind: 'reject', code: 'BAD_COMMAND', message: 'plain channels answer no requests' }
    default:
      return act satisfies never
  }
}
