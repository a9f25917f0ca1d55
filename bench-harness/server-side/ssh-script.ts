/*
 * What runs on the server's machine: a loop of plain sh that answers each line on its standard input with one block of texts from /proc, and
 * ends with its input. It leaves nothing behind and writes nothing.
 *
 * A block is what `tail -n +1 file...` prints (a line `==> path <==` before each text), then our own lines: `@pages <bytes>`, `@fd <path>
 * <size>`, `@listed <pid> <count>`, `@established <count>`, `@file <bytes>`, and at last `@end`.
 */

export interface SshScriptOptions {
  readonly ports: readonly number[]
  readonly databaseFile?: string
}

/** The loop as the command to hand to ssh behind the destination. */
export function sshCommandOf(options: SshScriptOptions): string {
  return remoteShell(scriptOf(options))
}

/**
 * A script of sh as one command for a login shell that may be any: it only has to start `sh -c` with one word in single quotes, in which
 * there is nothing but letters, digits and signs of base64.
 */
export function remoteShell(script: string): string {
  const packed = Buffer.from(script).toString('base64')
  return `sh -c 'eval "$(echo ${packed} | base64 -d)"'`
}

/** The script itself; what is the user's stands in it in quotes of sh only. */
export function scriptOf({ ports, databaseFile }: SshScriptOptions): string {
  const filter = ports.map((port) => `sport = :${port}`).join(' or ')
  return `LC_ALL=C; export LC_ALL
filter=${quoted(`( ${filter} )`)}
file=${quoted(databaseFile ?? '')}
${functions}
echo "@pages $(getconf PAGESIZE)"
echo "@end"
round=0
while read -r line; do answer; done
`
}

const functions = `
# The processes that listen, their parent when several of the same program share one, and all that these started.
search() {
  listeners=$(ss -Hltnp "$filter" 2>/dev/null | grep -o 'pid=[0-9]*' | cut -d= -f2 | sort -un)
  roots=$listeners
  parents=
  for p in $listeners; do
    read -r s 2>/dev/null < /proc/$p/stat || continue
    set -- \${s##*) }
    parents="$parents $2"
  done
  one=$(printf '%s\\n' $parents | sort -un)
  if [ "$(printf '%s\\n' $listeners | wc -l)" -gt 1 ] && [ "$(printf '%s\\n' $one | wc -l)" -eq 1 ] && [ "$one" -gt 1 ]; then
    program=$(readlink /proc/$one/exe)
    if [ -n "$program" ] && [ "$program" = "$(readlink /proc/$p/exe)" ]; then roots=$one; fi
  fi
  pids=
  for p in $roots; do descend $p; done
}
descend() {
  case " $pids " in *" $1 "*) return ;; esac
  pids="$pids $1"
  for children in $(cat /proc/$1/task/*/children 2>/dev/null); do descend $children; done
}
answer() {
  if [ $((round % 10)) -eq 0 ]; then search; fi
  files="/proc/uptime /proc/net/sockstat /proc/net/netstat /proc/meminfo"
  folders=
  for p in $pids; do
    if [ ! -d /proc/$p ]; then round=-1; continue; fi
    files="$files /proc/$p/stat /proc/$p/statm /proc/$p/limits /proc/$p/task/*/stat"
    folders="$folders /proc/$p/fd"
  done
  tail -n +1 $files 2>/dev/null
  if [ -n "$folders" ]; then stat -c '@fd %n %s' $folders 2>/dev/null; fi
  used=$(grep -o 'inuse [0-9]*' /proc/net/sockstat 2>/dev/null | head -n 1 | cut -d' ' -f2)
  if [ "\${used:-0}" -lt 10000 ] || [ $((round % 10)) -eq 0 ]; then
    if command -v ss >/dev/null; then echo; echo "@established $(ss -Htn state established "$filter" | wc -l)"; fi
  fi
  if [ -n "$file" ]; then stat -c '@file %s' "$file" "$file-wal" 2>/dev/null; fi
  round=$((round + 1))
  echo; echo "@end"
}
`

/** One word for sh, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
