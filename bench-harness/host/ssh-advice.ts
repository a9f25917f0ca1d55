import type { SshDestination } from '../hosts/host-entry.ts'

/**
 * What to do about a failure of ssh, from what OpenSSH says of it; undefined where it says enough.
 * The message about a changed key comes before "Host key verification failed", which ends both.
 */
export function sshAdvice(
  said: string,
  { user, host, port }: Pick<SshDestination, 'user' | 'host' | 'port'>,
): string | undefined {
  const words = `${port === undefined ? '' : `-p ${port} `}${user === undefined ? '' : `${user}@`}${host}`
  const entry = port === undefined ? host : `'[${host}]:${port}'`
  if (/HOST IDENTIFICATION HAS CHANGED|[Hh]ost key for .* has changed/.test(said))
    return `Its host key is not the known one. If the machine was set up anew, forget the old key: ssh-keygen -R ${entry}. Otherwise another machine may be answering.`
  if (/Host key verification failed|No .* host key is known/.test(said))
    return `Its host key is not known yet. Check and accept it once: ssh ${words}. Or run again with --accept-new-host-keys.`
  if (/Permission denied/.test(said))
    return `It must let you in without a password: ssh-copy-id ${words}, or name the key in the ssh configuration (--ssh-config).`
  return undefined
}
