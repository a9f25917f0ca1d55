import { RusherError } from '../protocol/index.ts'
import { createChatApp } from './apps/chat/chat-app.ts'
import { createPlainApp } from './apps/plain/plain-app.ts'
import type { ServedApps } from './core/channels/served-apps.ts'
import { isDocumentPrefix } from './core/log/document-names.ts'
import type { ServerOptions } from './server-options.ts'

/**
 * The apps that these options ask for: the given ones, the chat unless one of them has its name, and
 * plain channels unless they are switched off. Throws CONFIG for a name that is reserved or taken.
 */
export function servedAppsOf({
  apps = [],
  chat,
  plain = true,
}: Pick<ServerOptions, 'apps' | 'chat' | 'plain'>): ServedApps {
  const names = new Set<string>()
  for (const { name } of apps) {
    if (isDocumentPrefix(name)) {
      throw new RusherError('CONFIG', `an app cannot be named '${name}': documents are`)
    }
    if (names.has(name)) throw new RusherError('CONFIG', `two apps are named '${name}'`)
    names.add(name)
  }
  return {
    named: names.has('chat') ? apps : [createChatApp(chat), ...apps],
    plain: plain === false ? undefined : createPlainApp(plain === true ? {} : plain),
  }
}
