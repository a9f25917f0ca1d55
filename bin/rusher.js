#!/usr/bin/env node
// Old syntax on purpose: an old Node must be able to read this far and say what to do.
import module from 'node:module'

var version = process.versions.node.split('.').map(Number)
var supported =
  (version[0] === 22 && version[1] >= 18) ||
  (version[0] === 24 && version[1] >= 11) ||
  version[0] > 24
if (supported) {
  module.enableCompileCache()
  import('../dist/src/cli/main.js').then((cli) => cli.main(process.argv))
} else {
  console.error(
    'rusher needs Node.js 22.18 or later, or 24.11 or later; this is ' +
      process.versions.node +
      '. Install a current one from https://nodejs.org and run the command again.',
  )
  process.exitCode = 2
}
