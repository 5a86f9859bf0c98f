import { RELEASE, type Reading, type Source } from '../../machine/collect/source.js';
import {
  DENIED,
  describeUnmounted,
  MAX_PROGRAM_BYTES,
  NO_VMCOREINFO,
  NOT_FOUND,
  SOURCES,
  UNKNOWN_FILE,
} from '../../machine/collect/sources.js';

/**
 * Builds the script that collects {@link SOURCES} into one tar on a machine without Node. It needs POSIX sh, the
 * utilities of POSIX or busybox, mktemp and tar. It reads what the user may read, mounts nothing and changes nothing.
 * The tar's file `unknown` lists the facts that it could not read, with the same reasons as the live reader.
 */
export function buildCollectorScript(): string {
  return [HEAD, ...SOURCES.map(formatSource), '', TAIL].join('\n');
}

const HEAD = `#!/bin/sh
# Collects the facts that kexec-file needs about a machine into one tar, for
# "kexec-file machine record --from TAR". Run it as root to collect all of them:
#
#   sh collect.sh -o "$(hostname).tar"
#
# It writes nothing but the tar. It collects:
#
${SOURCES.map(({ name, purpose }) => `#   ${name.padEnd(24)}${purpose}`).join('\n')}

set -u
LC_ALL=C
export LC_ALL
umask 077

usage() {
  echo "usage: sh $0 [-o TAR] [-r FOLDER]
  -o TAR     write the tar here instead of standard output
  -r FOLDER  read the machine's files below FOLDER instead of /" >&2
  exit 2
}

output=
root=
while getopts o:r: option; do
  case $option in
    o) output=$OPTARG ;;
    r) root=$(cd "$OPTARG" && pwd -P) || exit 1 ;;
    *) usage ;;
  esac
done
shift $((OPTIND - 1))
[ $# -eq 0 ] || usage
if [ -z "$output" ] && [ -t 1 ]; then
  echo "standard output is a terminal: give -o TAR" >&2
  exit 2
fi

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/files" || exit 1
files=$work/files
errors=$work/errors
part=$work/part
: >"$files/${UNKNOWN_FILE}"

denied=${quoteWord(DENIED)}
release=$(cat "$root/proc/sys/kernel/osrelease" 2>/dev/null)
name=

# fact NAME ABSENT UNMOUNTED MOUNTPOINT [FILE TEXT...]: begins to collect NAME. ABSENT is the reason to note if it is not
# found, UNMOUNTED the reason if nothing is mounted on MOUNTPOINT. NAME is skipped if FILE was collected and has a TEXT.
fact() {
  finish
  name=$1
  absent=$2
  unmounted=$3
  mountpoint=$root$4
  reason=
  quiet=
  [ $# -gt 4 ] || return
  better=$files/$5
  shift 5
  for text in "$@"; do
    if [ -e "$better" ] && grep -q -F -e "$text" "$better"; then
      name=
    fi
  done
}

# If the last fact was not collected, notes the reason.
finish() {
  if [ -z "$name" ] || [ -e "$files/$name" ]; then
    return
  fi
  if [ -n "$quiet" ] && [ "$reason" = "$denied" ]; then
    return
  fi
  if [ -z "$reason" ] && [ -n "$unmounted" ] && [ -d "$mountpoint" ] && [ -z "$(ls -A "$mountpoint")" ]; then
    reason=$unmounted
  fi
  if [ -z "$reason" ] && [ -n "$absent" ]; then
    reason="${NOT_FOUND}: $absent"
  fi
  if [ -n "$reason" ]; then
    printf '%s\\t%s\\n' "$name" "$reason" >>"$files/${UNKNOWN_FILE}"
  fi
}

# Whether the last fact was collected or cannot be.
settled() {
  [ -z "$name" ] || [ -e "$files/$name" ] || [ -n "$reason" ]
}

# Whether this user may not read PATH, or may not see whether it exists.
hidden() {
  if [ -e "$1" ]; then
    [ ! -r "$1" ]
    return
  fi
  folder=\${1%/*}
  while [ -n "$folder" ] && [ ! -e "$folder" ]; do
    folder=\${folder%/*}
  done
  [ -n "$folder" ] && [ ! -x "$folder" ]
}

# Whether PATH exists and this user may read it.
readable() {
  if hidden "$1"; then
    reason=$denied
    return 1
  fi
  [ -e "$1" ]
}

# Keeps what was read as the last fact.
keep() {
  mv "$part" "$files/$name"
}

# Takes the reason from the last error message of a command.
failed() {
  case $(cat "$errors") in
    *ermission\\ denied* | *not\\ permitted*) reason=$denied ;;
    *) reason=$(tail -n 1 "$errors" | sed 's/.*: //') ;;
  esac
}

# from_file BEFORE PATH: reads the file. BEFORE, a format of printf, is put before its bytes.
from_file() {
  if settled || ! readable "$root$2"; then
    return
  fi
  # shellcheck disable=SC2059 # BEFORE is a format
  if { printf "$1" && cat "$root$2"; } >"$part" 2>"$errors"; then
    keep
  else
    failed
  fi
}

# from_folders PREFIX FOLDER FILE...: writes a line for each folder of PREFIX and a number in FOLDER: its name, and the
# contents of these files in it.
from_folders() {
  prefix=$1
  folders=$root$2
  shift 2
  if settled || ! readable "$folders"; then
    return
  fi
  : >"$part"
  for number in $(ls "$folders" | sed -n "s/^$prefix\\([0-9][0-9]*\\)$/\\1/p" | sort -n); do
    line=$prefix$number
    for file in "$@"; do
      readable "$folders/$prefix$number/$file" || return
      value=$(cat "$folders/$prefix$number/$file" 2>"$errors") || {
        failed
        return
      }
      line="$line $value"
    done
    printf '%s\\n' "$line" >>"$part"
  done
  keep
}

# from_elf_headers PATH: reads the ELF header of 64 bytes and the program headers of 56 bytes each, which follow it.
from_elf_headers() {
  if settled || ! readable "$root$1"; then
    return
  fi
  count=$(dd "if=$root$1" bs=1 skip=56 count=2 2>"$errors" | od -A n -t u1 | {
    read -r low high && echo $((low + 256 * high))
  })
  if dd "if=$root$1" bs=8 count=$((8 + 7 * \${count:-0})) >"$part" 2>"$errors"; then
    keep
  else
    failed
  fi
}

# from_named_folders PATH FILE: writes a line for each folder there: its name, a tab, and the contents of this file in it.
from_named_folders() {
  if settled || ! readable "$root$1"; then
    return
  fi
  : >"$part"
  for folder in "$root$1"/*/; do
    [ -d "$folder" ] || continue
    readable "$folder$2" || return
    value=$(cat "$folder$2" 2>"$errors") || {
      failed
      return
    }
    folder=\${folder%/}
    printf '%s\\t%s\\n' "\${folder##*/}" "$value" >>"$part"
  done
  keep
}

# from_lines PATH PATTERN: reads the lines that match.
from_lines() {
  if settled || ! readable "$root$1"; then
    return
  fi
  grep -E -e "$2" "$root$1" >"$part" 2>"$errors"
  if [ $? -le 1 ]; then
    keep
  else
    failed
  fi
}

# from_vmcoreinfo PATH: reads the text of the note, which is within the first 64 KiB and between NULs.
from_vmcoreinfo() {
  if settled || ! readable "$root$1"; then
    return
  fi
  dd "if=$root$1" bs=4096 count=16 2>"$errors" | tr '\\000' '\\n' |
    sed -n '/^OSRELEASE=/,/^$/p' | sed '/^$/d' >"$part"
  if [ -s "$part" ]; then
    keep
  elif grep -q -e 'ermission denied' -e 'not permitted' "$errors"; then
    reason=$denied
  else
    reason="$1 ${NO_VMCOREINFO}"
  fi
}

# from_paths PATH...: writes a line for each of these paths that exists.
from_paths() {
  : >"$part"
  for path in "$@"; do
    if [ -e "$root$path" ]; then
      printf '%s\\n' "$path" >>"$part"
    fi
  done
  keep
}

# from_program MARK PATH...: writes path, file and version of the first of these programs that exists. The version
# follows MARK in its bytes.
from_program() {
  mark=$1
  shift
  : >"$part"
  for path in "$@"; do
    [ -e "$root$path" ] || continue
    file=$(readlink -f "$root$path")
    printf 'path %s\\nfile %s\\n' "$path" "\${file#"$root"}" >>"$part"
    if [ -f "$file" ] && [ -r "$file" ] && [ "$(wc -c <"$file")" -le ${MAX_PROGRAM_BYTES} ]; then
      tr -c ' -~' '\\n' <"$file" | sed -n "s/^$mark\\([0-9][0-9.]*\\).*/version \\1/p" | head -n 1 >>"$part"
    fi
    break
  done
  keep
}

# from_tree PATH: copies a folder, without the files that this user may not read.
from_tree() {
  if settled || ! readable "$root$1"; then
    return
  fi
  cp -R "$root$1" "$files/$name" 2>"$errors" || [ -e "$files/$name" ] || failed
}
`;

const TAIL = `finish

if [ -z "$output" ]; then
  (cd "$files" && tar -cf - ./*)
else
  (cd "$files" && tar -cf - ./*) >"$output"
fi
`;

/** Formats the commands that collect a fact. */
function formatSource({ name, from, absent = '', mount, unless, isMostlyDenied }: Source): string {
  const unmounted = mount === undefined ? '' : describeUnmounted(mount);
  const better = unless === undefined ? [] : [unless.file, ...unless.has];
  const fact = [name, absent, unmounted, mount?.path ?? '', ...better].map(quoteWord);
  const quiet = isMostlyDenied === true ? ['quiet=1'] : [];
  return ['', `fact ${fact.join(' ')}`, ...quiet, ...formatReading(from)].join('\n');
}

function formatReading(from: Reading): string[] {
  switch (from.kind) {
    case 'file':
      return from.places.map(
        ({ path, before = [] }) => `from_file ${quoteWord(escapeBytes(before))} ${quoteWord(path)}`,
      );
    case 'folders':
      return [['from_folders', ...[from.prefix, from.path, ...from.files].map(quoteWord)].join(' ')];
    case 'elf-headers':
      return [`from_elf_headers ${quoteWord(from.path)}`];
    case 'named-folders':
      return [['from_named_folders', ...[from.path, from.file].map(quoteWord)].join(' ')];
    case 'lines':
      return [['from_lines', ...[from.path, from.pattern].map(quoteWord)].join(' ')];
    case 'vmcoreinfo':
      return [`from_vmcoreinfo ${quoteWord(from.path)}`];
    case 'paths':
      return [['from_paths', ...from.paths.map(quoteWord)].join(' ')];
    case 'program':
      return [['from_program', ...[from.mark, ...from.paths].map(quoteWord)].join(' ')];
    case 'tree':
      return [`from_tree ${quoteWord(from.path)}`];
  }
}

/** Quotes a word for the shell. The script replaces the release. */
function quoteWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''").replaceAll(RELEASE, `'"$release"'`)}'`;
}

/** Escapes bytes for printf(1). */
function escapeBytes(bytes: readonly number[]): string {
  return bytes.map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}
