# Brings a model repository from an object store to $MODEL_VOLUME/models, whole or not at all.
#
# Written for the POSIX shell of Alpine and Debian; needs rclone, which reads the store from RCLONE_* variables.
#   MODEL_STORE     what comes before the bucket in its URL: s3://, gs:// or https://<account>.blob.core.windows.net/
#   MODEL_BUCKET    bucket, or container of Azure
#   MODEL_PREFIX    what keys begin with; may be empty
#   MODEL_VOLUME    a folder, empty at first, the same after a restart
#   MODEL_FILES     list of <sha256> <bytes> <object> <path>, separated by tabs
#   MODEL_PREFIX_OF set: everything below the location is one model of this name, or with "." a whole repository,
#                   and the list only holds checksums; not set: the list says what is fetched
#   MODEL_VERSIONS  version folders to fetch of that one model
#   MODEL_BYTES     size of all files, where it is known
set -euf
tab=$(printf '\t')
location=$MODEL_BUCKET/${MODEL_PREFIX:+$MODEL_PREFIX/}
url=$MODEL_STORE$location
incoming=$MODEL_VOLUME/incoming
objects=$incoming${MODEL_PREFIX_OF:+/$MODEL_PREFIX_OF}
placing=$MODEL_VOLUME/placing
models=$MODEL_VOLUME/models
wanted=${TMPDIR:-/tmp}/wanted

say() { printf 'modelyard: %s\n' "$*"; }
fail() {
  say "$*" "The pod does not start."
  exit 1
}
checksum() { sha256sum <"$1" | cut -c 1-64; }

# Calls $1 with checksum, size, object and path of every file of the list.
each_file() {
  [ -n "${MODEL_FILES:-}" ] || return 0
  while IFS=$tab read -r sha256 bytes object path; do
    "$1" "$sha256" "$bytes" "$object" "$path"
  done <"$MODEL_FILES"
}

stays_inside() {
  case "/$3/$4/" in
    *//* | */./* | */../*) fail "the list of files names '$4' (object '$3'), which leaves the repository." ;;
  esac
}

placed_matches() {
  if [ ! -f "$models/$4" ] || [ "$(checksum "$models/$4")" != "$1" ]; then whole=no; fi
}

# A file that arrived whole before a restart is not fetched again.
want() {
  if [ -f "$incoming/$3" ]; then
    if [ "$(checksum "$incoming/$3")" = "$1" ]; then return 0; fi
    rm -f "$incoming/$3"
  fi
  printf '%s\n' "$3" >>"$wanted"
  wanted_bytes=$((wanted_bytes + $2))
}

check() {
  if [ ! -f "$objects/$3" ]; then
    say "$4 is missing: there is no object '$3' in $url, or it may not be read."
    wrong=$((wrong + 1))
    return 0
  fi
  found=$(checksum "$objects/$3")
  if [ "$found" != "$1" ]; then
    say "$4 is not the file that was deployed: object '$3' has SHA-256 $found instead of $1."
    rm -f "$objects/$3"
    wrong=$((wrong + 1))
  fi
}

place() {
  mkdir -p "$placing/$(dirname "$4")"
  ln -f "$incoming/$3" "$placing/$4"
}

fits() {
  free=$(df -Pk "$MODEL_VOLUME" | awk 'END { print $4 }')
  if [ "$(($1 / 1024))" -gt "$free" ]; then
    fail "$(($1 / 1048576)) MiB are to be fetched, and the disk of $MODEL_VOLUME has $((free / 1024)) MiB left."
  fi
}

# Retries whole runs, requests and broken connections, which go on where they broke; one line of progress each 15 s.
fetch() {
  rclone "$@" --retries 5 --low-level-retries 10 --contimeout 20s --timeout 60s \
    --transfers 4 --checkers 8 --multi-thread-cutoff 64M --multi-thread-streams 4 \
    --stats 15s --stats-one-line --stats-log-level NOTICE
}

fetch_list() {
  : >"$wanted"
  wanted_bytes=0
  each_file want
  fits "$wanted_bytes"
  if [ -s "$wanted" ]; then
    say "fetching $(wc -l <"$wanted") files, $((wanted_bytes / 1048576)) MiB, from $url"
    # What is missing or wrong is said by name below.
    fetch copy "store:$location" "$incoming" --files-from-raw "$wanted" --no-traverse --ignore-times ||
      say "rclone ended with status $?."
  fi
}

fetch_prefix() {
  [ -z "${MODEL_BYTES:-}" ] || fits "$MODEL_BYTES"
  set --
  for version in ${MODEL_VERSIONS:-}; do set -- "$@" --filter "+ /$version/**"; done
  if [ $# -gt 0 ]; then set -- "$@" --filter '- /{{[0-9]+}}/**'; fi
  say "fetching everything from $url"
  # An ensemble has version folders with nothing in them.
  fetch sync "store:$location" "$objects" --create-empty-src-dirs "$@" ||
    fail "$url could not be fetched: rclone ended with status $?, for the reason above."
  for version in ${MODEL_VERSIONS:-}; do
    [ -d "$objects/$version" ] || fail "$url has no version folder $version."
  done
  [ -n "$(ls -A "$objects" 2>&1)" ] || fail "there is nothing below $url."
}

each_file stays_inside
whole=yes
if [ -n "${MODEL_PREFIX_OF:-}" ]; then
  whole=no
elif [ -d "$models" ]; then
  each_file placed_matches
fi
if [ -d "$models" ] && [ "$whole" = yes ]; then
  say "the repository is already there, and whole"
  exit 0
fi
rm -rf "$models" "$placing"
mkdir -p "$incoming"

if [ -n "${MODEL_PREFIX_OF:-}" ]; then fetch_prefix; else fetch_list; fi
wrong=0
each_file check
[ "$wrong" -eq 0 ] || fail "$wrong of the files are missing or differ."

if [ -n "${MODEL_PREFIX_OF:-}" ]; then
  mv "$incoming" "$models"
else
  each_file place
  mv "$placing" "$models"
  rm -rf "$incoming"
fi
say "the repository is there: $(du -sk "$models" | cut -f 1) KiB"
