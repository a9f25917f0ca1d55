import { scriptHead } from './bootstrap-script.ts'

/** A lock that was not touched for so long is of a runner that hears nobody; see `runner/lock-file.ts`. */
const staleMin = 1

/**
 * A script of sh that ends the processes that stale locks name, as far as they are still the same processes, and removes these locks, and the
 * cached programs unless a run goes on that may need them. Says `ended <pid>`, `removed <file>`, `running <lock>` for a run that goes on, and
 * `elsewhere <lock>` for one on another machine that shares the folder; at last `cleaned`.
 */
export function cleanScriptOf(folder: string | undefined): string {
  return `${scriptHead(folder)}
boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)
host=$(uname -n)
kept=
end() {
  case $1$2 in *[!0-9]*) return ;; esac
  read -r stat 2>/dev/null < "/proc/$1/stat" || return
  pid=$1
  started=$2
  set -- \${stat##*) }
  [ "$1" != Z ] && [ "\${20}" = "$started" ] && kill -9 "$pid" && say ended "$pid"
}
for lock in "$dir"/bench-*.lock; do
  [ -f "$lock" ] || continue
  if [ -z "$(find "$lock" -mmin +${staleMin})" ]; then say running "$lock"; kept=1; continue; fi
  itsBoot=
  itsHost=
  while read -r word value rest; do
    case $word in boot) itsBoot=$value ;; host) itsHost=$value ;; esac
  done < "$lock"
  if [ "$itsBoot" = "$boot" ]; then
    while read -r word pid started; do
      if [ "$word" = process ]; then end "$pid" "$started"; fi
    done < "$lock"
  elif [ "$itsHost" != "$host" ]; then say elsewhere "$lock"; kept=1; continue
  fi
  rm -f "$lock" && say removed "$lock"
done
if [ -z "$kept" ]; then
  for file in "$dir"/bench-worker-*.mjs "$dir"/bench-worker-*.mjs.* "$dir"/node-*; do
    [ -f "$file" ] && rm -f "$file" && say removed "$file"
  done
fi
say cleaned`
}
