#!/usr/bin/env bash
# The step of the GitHub Action in action.yml: fetches the executable of a release, checks it, and runs a command.
# All input is in the environment.
set -euo pipefail

fail() {
  echo "::error title=kexec-file::$1"
  exit 2
}

case "$INPUT_COMMAND" in
  preflight | verify) ;;
  *) fail 'the input "command" must be preflight or verify' ;;
esac
case "$(uname -m)" in
  x86_64) architecture=x64 ;;
  aarch64) architecture=arm64 ;;
  *) fail "no executable for this runner's architecture" ;;
esac
[[ "$INPUT_VERSION" =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ ]] || fail 'the input "version" must be the tag of a release'
[[ "$INPUT_REPOSITORY" =~ ^(https://)?[A-Za-z0-9][A-Za-z0-9._/-]*$ ]] ||
  fail 'the input "repository" must be an address or OWNER/NAME'
[[ "$INPUT_SHA256" =~ ^([0-9a-f]{64})?$ ]] || fail 'the input "sha256" must be 64 lower-case hexadecimal digits'

file="kexec-file-linux-$architecture"
folder="$(mktemp -d "${RUNNER_TEMP:-/tmp}/kexec-file.XXXXXX")"
gh release download "$INPUT_VERSION" --repo "$INPUT_REPOSITORY" --dir "$folder" \
  --pattern "$file" --pattern SHA256SUMS || fail 'the executable of the release cannot be downloaded'
if [ -n "$INPUT_SHA256" ]; then
  sum="$INPUT_SHA256"
else
  # A release has one line for each file; none or two are no statement.
  sum="$(awk -v file="$file" '$2 == file || $2 == "*" file { print $1 }' "$folder/SHA256SUMS")"
  [[ "$sum" =~ ^[0-9a-f]{64}$ ]] || fail "SHA256SUMS of the release has no line for $file"
fi
echo "$sum  $folder/$file" | sha256sum --check --status || fail "$file is not what SHA256SUMS says"
chmod +x "$folder/$file"

arguments=()
while IFS= read -r line; do
  [ -z "$line" ] || arguments+=("$line")
done <<<"$INPUT_ARGUMENTS"

status=0
"$folder/$file" "$INPUT_COMMAND" --format sarif --output "$INPUT_SARIF" --force "${arguments[@]}" || status=$?
# A report of an earlier step is not this one's.
if [ "$status" -le 1 ] && [ -e "$INPUT_SARIF" ] && [ "$INPUT_SARIF" -nt "$folder/$file" ]; then
  printf 'sarif=%s\n' "${INPUT_SARIF//[$'\r\n']/}" >>"$GITHUB_OUTPUT"
fi
exit "$status"
