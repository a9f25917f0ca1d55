import { expect, test } from 'vitest'
import { parseHosts } from './hosts-file.ts'

const only = (line: string) => {
  const { hosts, mistakes } = parseHosts(line)
  expect(mistakes).toEqual([])
  expect(hosts).toHaveLength(1)
  return hosts[0]
}
const mistakesOf = (text: string) =>
  parseHosts(text).mistakes.map(({ line, column, text: why }) => `${line}:${column} ${why}`)

test('a destination is taken apart into user, host and port', () => {
  expect(only('box1')).toEqual({
    line: 1,
    name: 'box1',
    ssh: { host: 'box1' },
    sources: [],
    weight: 1,
  })
  expect(only('me@box1:2222')?.ssh).toEqual({ user: 'me', host: 'box1', port: 2222 })
  expect(only('ssh://me@box1:2222/')?.ssh).toEqual({ user: 'me', host: 'box1', port: 2222 })
  expect(only('[2001:db8::1]:22')).toMatchObject({
    name: '[2001:db8::1]:22',
    ssh: { host: '2001:db8::1', port: 22 },
  })
  expect(only('10.0.0.7')?.ssh).toEqual({ host: '10.0.0.7' })
})

test('localhost and a colon are this machine, without ssh', () => {
  expect(only('localhost')).not.toHaveProperty('ssh')
  expect(only('4/:')).toEqual({ line: 1, name: 'localhost', workers: 4, sources: [], weight: 1 })
  expect(only('me@localhost')?.ssh).toEqual({ user: 'me', host: 'localhost' })
})

test('options are read, and a remark ends the line', () => {
  const line =
    'box1 workers=4 max=9000 src=10.0.0.5-7,eth0 weight=1.5 node=/opt/node dir=~/x jump=me@gate:22,b label=a # not=this'
  expect(only(line)).toEqual({
    line: 1,
    name: 'a',
    ssh: { host: 'box1', jump: 'me@gate:22,b' },
    workers: 4,
    max: 9000,
    sources: ['10.0.0.5', '10.0.0.6', '10.0.0.7', 'eth0'],
    weight: 1.5,
    node: '/opt/node',
    folder: '~/x',
  })
})

test('a number before the destination is that many workers', () => {
  expect(only('8/me@box1')).toMatchObject({ name: 'me@box1', workers: 8 })
  expect(mistakesOf('8/me@box1 workers=2')).toEqual(['1:11 workers is given twice'])
})

test('empty lines, remarks and the line ends of Windows say nothing', () => {
  const { hosts, mistakes } = parseHosts('# clients\r\n\r\n  box1 # first\r\nbox2\r\n')
  expect(mistakes).toEqual([])
  expect(hosts.map(({ name, line }) => [name, line])).toEqual([
    ['box1', 3],
    ['box2', 4],
  ])
})

test('every mistake is told, with line and column', () => {
  const text = `box1 wrokers=4 max=0
-oProxyCommand=x
me@-x
  box2:0 src=10.0.0.9-5
8/a;b
2001:db8::1
box3 label=a/b weight=0 node=bin/node jump=-x`
  expect(mistakesOf(text)).toEqual([
    '1:6 "wrokers" is no option; there are workers=, max=, src=, weight=, node=, dir=, jump=, label=',
    '1:20 "0" is no number from 1 to 1000000000',
    '2:1 a host cannot begin with "-"',
    '3:1 a host cannot begin with "-"',
    '4:3 "0" is no port',
    '4:14 "10.0.0.9-5" is no range of addresses; write for example 10.0.0.5-9',
    '5:3 "a;b" is no host',
    '6:1 an IPv6 address stands in brackets: [2001:db8::1]',
    '7:12 "a/b" is no label; write up to 40 letters, digits, ".", "_" or "-"',
    '7:23 "0" is no weight; write a number above 0',
    '7:30 "bin/node" is no path; it begins with / or ~/',
    '7:44 a host cannot begin with "-"',
  ])
})

test('a duplicate host is refused with its line', () => {
  expect(mistakesOf('me@box1\nbox1\nssh://me@BOX1')).toEqual([
    '3:1 me@BOX1 is in line 1 already; give one of them another label=, or take it out',
  ])
  expect(mistakesOf('localhost\n:')).toEqual([
    '2:1 localhost is in line 1 already; give one of them another label=, or take it out',
  ])
})

test('one host can be there twice under different labels', () => {
  expect(mistakesOf('box1 label=a\nbox1 label=b\nbox1')).toEqual([])
  expect(mistakesOf('box1 label=a\nbox2 label=a')).toHaveLength(1)
})

test('signs of a shell are in no destination', () => {
  for (const bad of ['a$(id)', 'a`id`', 'a|b', "a'b", 'a"b', 'a&b', '$x@a', 'a\\b', '[::1;id]', ''])
    expect(parseHosts(`${bad}@b\n[${bad}]`).mistakes).not.toEqual([])
})

test('a file without a host is refused', () => {
  expect(mistakesOf('# nobody\n')).toEqual(['1:1 there is no host in it'])
})
