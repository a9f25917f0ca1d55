/*
 * What runs first on a client's machine: a plain sh script that says what is there, takes files on its standard input, and becomes the runner.
 * It needs no root, no npm and no internet, and leaves nothing but what it was sent.
 *
 * It says lines that begin with `@rusher `; a login shell may say others before it. Afterwards it does one after another what it is told:
 * `put <name> <bytes> <mode>`, then so many bytes once it has said `send`; `try <name>` whether a program starts; `run <found|shipped>`.
 * It is told the next thing only when the one before is done, so that nothing reads what is meant for what comes after it.
 */

export interface ScriptOptions {
  readonly run: string
  readonly lifetimeMs: number
  /** sha256 of the worker's program, and of the Node that could be sent. */
  readonly bundle: string
  readonly ownNode?: string
  /** By the user: a path there; `~/` is the home folder. */
  readonly node?: string
  readonly folder?: string
}

/**
 * The one word to hand to ssh behind the destination. The login shell there may be any: it has to start `sh -c` with a text in single quotes,
 * in which there are only letters, digits and a few signs that no shell minds.
 */
export function remoteCommandOf(script: string): string {
  return `sh -c 'eval "$(echo ${Buffer.from(script).toString('base64')} | base64 -d)"'`
}

/** A text as one word of sh, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** The beginning of every script: `say`, `home`, and `$dir`, the folder in which things are kept. */
export function scriptHead(folder: string | undefined): string {
  return `LC_ALL=C; export LC_ALL
umask 077
say() { printf '@rusher %s\\n' "$*"; }
home() { case $1 in '~/'*) printf '%s' "$HOME/\${1#??}" ;; *) printf '%s' "$1" ;; esac; }
case $XDG_CACHE_HOME in /*) cache=$XDG_CACHE_HOME ;; *) cache=$HOME/.cache ;; esac
dir=$(home ${quoted(folder ?? '')})
if [ -z "$dir" ]; then dir=$cache/rusher; fi`
}

export function bootstrapScriptOf(options: ScriptOptions): string {
  const { run, lifetimeMs, bundle, ownNode, node, folder } = options
  return `${scriptHead(folder)}
given=${quoted(node ?? '')}
program=${quoted(bundleName(bundle))}
shipped=${quoted(ownNode === undefined ? '' : nodeName(ownNode))}
run=${quoted(run)}
lifetime=${quoted(String(lifetimeMs))}
${probing}
${serving}
`
}

export function bundleName(sha256: string): string {
  return `bench-worker-${sha256}.mjs`
}

export function nodeName(sha256: string): string {
  return `node-${sha256}`
}

const probing = `
# Says a Node that is there, until one is new enough.
found=
look() {
  [ -z "$found" ] && [ -f "$1" ] && [ -x "$1" ] || return 0
  version=$("$1" -v 2>/dev/null </dev/null) || version=
  say node "\${version:-none}" "$1"
  case $version in v2[2-9].*|v[3-9][0-9].*|v[1-9][0-9][0-9].*) found=$1 ;; esac
}
mkdir -p "$dir"
say system "$(uname -s)" "$(uname -m)"
say libc "$(getconf GNU_LIBC_VERSION 2>/dev/null || ldd --version 2>&1 | head -n 1)"
say cores "$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null)"
say files "$(ulimit -Hn)"
say folder "$dir"
set -- $(df -Pk "$dir" 2>/dev/null | tail -n 1)
say disk "$4"
[ -f "$dir/$program" ] && say has bundle
[ -n "$shipped" ] && [ -x "$dir/$shipped" ] && say has node
if [ -n "$given" ]; then
  look "$(home "$given")"
else
  look "$(command -v node)"
  for path in "$HOME"/.nvm/versions/node/*/bin/node "$HOME/.volta/bin/node" \\
    "$HOME"/.asdf/installs/nodejs/*/bin/node "$HOME"/.local/share/mise/installs/node/*/bin/node \\
    "$HOME"/.local/share/fnm/node-versions/*/installation/bin/node "$HOME/.local/bin/node" \\
    /usr/local/bin/node /usr/local/node/bin/node /opt/node/bin/node /opt/homebrew/bin/node /usr/bin/node
  do look "$path"; done
fi
say probed`

const serving = `
while read -r verb name bytes mode; do
  case $verb in
    put)
      part=$dir/$name.$$
      say send
      head -c "$bytes" > "$part"
      if [ "$(wc -c < "$part")" -eq "$bytes" ] && chmod "$mode" "$part" && mv -f "$part" "$dir/$name"
      then say done
      else rm -f "$part"; say failed
      fi ;;
    try)
      if "$dir/$name" -v >/dev/null </dev/null; then say done; else rm -f "$dir/$name"; say failed; fi ;;
    run)
      if [ "$name" = shipped ]; then found=$dir/$shipped; fi
      exec "$found" "$dir/$program" runner "$run" "$lifetime" "$dir" ;;
  esac
done`
