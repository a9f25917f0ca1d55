import type { SshDestination } from '../hosts/host-entry.ts'

/**
 * What to do about a failure of ssh, from what OpenSSH says of it; undefined where it says enough.
 * The message about a changed key comes before "Host key verification failed", which ends both.
 */
export function sshAdvice(
  said: string,
  { user, host, port }: Pick<SshDestination, 'user' | 'host' | 'port'>,
): string | undefined {
  const login = user === undefined ? host : `${user}@${host}`
  const words = port === undefined ? login : `-p ${port} ${login}`
  const entry = port === undefined ? host : `'[${host}]:${port}'`
  if (/HOST IDENTIFICATION HAS CHANGED|[Hh]ost key for .* has changed/.test(said))
    return `Its host key has changed. If it was reinstalled: ssh-keygen -R ${entry}`
  if (/Host key verification failed|No .* host key is known/.test(said))
    return `Its host key is unknown. Accept it once: ssh ${words}, or use --accept-new-host-keys`
  if (/Permission denied/.test(said))
    return `It must allow login without a password: ssh-copy-id ${words}, or a key in --ssh-config.`
  return undefined
}
