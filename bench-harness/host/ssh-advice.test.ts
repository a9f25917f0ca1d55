import { expect, test } from 'vitest'
import { sshAdvice } from './ssh-advice.ts'

const box = { user: 'me', host: 'box', port: 2222 }

test('an unknown host key is answered with how to accept it', () => {
  const advice = sshAdvice(
    'No ED25519 host key is known for box.\nHost key verification failed.',
    box,
  )
  expect(advice).toContain('ssh -p 2222 me@box')
  expect(advice).toContain('--accept-new-host-keys')
})

test('a changed host key is answered with how to forget the old one, and with a warning', () => {
  const said = '@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.'
  expect(sshAdvice(said, box)).toContain("ssh-keygen -R '[box]:2222'")
  expect(sshAdvice(said, { host: 'box' })).toContain('ssh-keygen -R box')
  expect(sshAdvice(said, box)).not.toContain('--accept-new-host-keys')
})

test('a login that is refused is answered with how to log in without a password', () => {
  const said = 'me@box: Permission denied (publickey,password).'
  expect(sshAdvice(said, { host: 'box' })).toContain('ssh-copy-id box')
})

test('what ssh says of anything else stands alone', () => {
  expect(sshAdvice('connect to host box port 22: Connection refused', box)).toBeUndefined()
})
