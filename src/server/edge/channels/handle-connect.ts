import {
  type ConnectCommand,
  type ConnectReply,
  protocolVersion,
  protocolVersionOldest,
  type RenewCommand,
  refuse,
} from '../../../protocol/index.ts'
import type { ClientRequest, Identity } from '../../auth/auth.ts'
import type { Refused } from '../../auth/check-identity.ts'
import { contain } from '../../runtime/containment.ts'
import { edgeTimes } from '../connection/edge-times.ts'
import { withTimeout } from '../connection/with-timeout.ts'
import type { EdgeOptions } from './edge-options.ts'
import type { Session } from './session.ts'
import type { SessionActions } from './session-actions.ts'

/** Who a session acts for: found out when it connects, and again when it renews. */
export interface ConnectHandler {
  connect(session: Session, command: ConnectCommand): void
  /** Resolves to whether the token was taken. */
  renew(session: Session, command: RenewCommand): Promise<boolean>
}

interface Then {
  /** The session has a new identity; its expiry counts from now on. */
  identified(session: Session): void
  /** It is open, and its reply stands first. */
  welcomed(session: Session): void
}

export function createConnectHandler(
  options: EdgeOptions,
  acts: SessionActions,
  { identified, welcomed }: Then,
): ConnectHandler {
  const { auth, log } = options

  function refused(
    session: Session,
    ref: number,
    code: 'TOKEN_REFUSED' | 'INTERNAL',
    message?: string,
  ): void {
    acts.send(session, JSON.stringify({ type: 'reply', ref, error: refuse(code, message) }))
  }

  async function identify(
    { token, user }: ConnectCommand,
    request: ClientRequest | undefined,
  ): Promise<Identity | Refused> {
    const credentials = {
      ...(token === undefined ? {} : { token }),
      ...(user === undefined ? {} : { user }),
    }
    return withTimeout(edgeTimes.authMs, auth.identify(credentials, request))
  }

  const sameText = JSON.stringify(sameForAll(options)).slice(1)

  function welcome(session: Session, ref: number, identity: Identity): void {
    session.identity = identity
    session.state = 'open'
    const { user, expiresAt } = identity
    const own: Omit<ConnectReply, keyof SameForAll> = {
      session: options.makeId(),
      user,
      ...(expiresAt === undefined ? {} : { expiresAt }),
    }
    const ownText = JSON.stringify(own).slice(0, -1)
    acts.send(session, `{"type":"reply","ref":${ref},"ok":${ownText},${sameText}}`)
    identified(session)
    welcomed(session)
  }

  return {
    connect(session, command) {
      const { ref, version } = command
      if (version < protocolVersionOldest || version > protocolVersion) {
        return acts.close(
          session,
          'VERSION_UNSUPPORTED',
          `this server speaks versions ${protocolVersionOldest} to ${protocolVersion}`,
        )
      }
      session.state = 'connecting'
      session.isHeld = true
      const { request } = session
      // An open session keeps nothing of its upgrade.
      session.request = undefined
      const identified = identify(command, request).then(
        (identity) => {
          if (session.state !== 'connecting') return
          if (!('refused' in identity)) return welcome(session, ref, identity)
          refused(session, ref, 'TOKEN_REFUSED', identity.message)
          acts.close(session, 'TOKEN_REFUSED', identity.message)
        },
        (error: unknown) => {
          if (session.state !== 'connecting') return
          log.error({ err: error }, 'authentication is unavailable; the client will retry')
          refused(session, ref, 'INTERNAL', 'the token could not be looked at; try again')
          acts.close(session, 'OVERLOADED', 'the token could not be looked at')
        },
      )
      contain(options, 'command', identified, () => acts.close(session, 'OVERLOADED'))
    },

    async renew(session, { ref, token }) {
      try {
        const userId = session.identity?.user.id
        const identity = await withTimeout(
          edgeTimes.authMs,
          auth.identify({ token }, undefined, userId),
        )
        if (session.state !== 'open') return false
        if ('refused' in identity) {
          refused(session, ref, 'TOKEN_REFUSED', identity.message)
          return false
        }
        session.identity = identity
        const { expiresAt } = identity
        const ok = expiresAt === undefined ? {} : { expiresAt }
        acts.send(session, JSON.stringify({ type: 'reply', ref, ok }))
        identified(session)
        return true
      } catch (error) {
        log.error({ err: error }, 'authentication is unavailable; the client will retry')
        if (session.state === 'open')
          refused(session, ref, 'INTERNAL', 'the token could not be looked at; try again')
        return false
      }
    },
  }
}

type SameForAll = Omit<ConnectReply, 'session' | 'user' | 'expiresAt'>

/** What the reply to every connect says alike. */
function sameForAll({ durability, version, limits }: EdgeOptions): SameForAll {
  return {
    version: protocolVersion,
    server: { name: 'rusher', version },
    durability,
    limits: {
      frameBytesMax: limits.frameBytesMax,
      frameCommandsMax: limits.frameCommandsMax,
      jsonDepthMax: limits.jsonDepthMax,
      bodyBytesMax: limits.bodyBytesMax,
      presenceDataBytesMax: limits.presenceDataBytesMax,
      idCharsMax: limits.idCharsMax,
      joinChannelsMax: limits.joinChannelsMax,
      sessionChannelsMax: limits.sessionChannelsMax,
      historyEventsMax: limits.historyEventsMax,
      pingMs: limits.pingMs,
      pongMs: limits.pongMs,
    },
  }
}
