# Ends with the server, and when it is told to. The image's own entrypoint does neither: it starts TorchServe in the
# background and waits for ever, and a Python process that is the container's first one does not see SIGTERM.
failed=0
stop() { torchserve --stop --foreground >/dev/null 2>&1; }
# Told to stop, TorchServe cuts the requests that it is answering. Nobody sends new ones by then.
drain() {
  sleep "${MODELYARD_DRAIN_SECONDS:-0}" &
  wait $!
  stop
}
trap drain TERM INT
trap 'failed=1; stop' USR1
torchserve --start --foreground --ncs --ts-config "$TS_CONFIG_FILE" --log-config "$MODELYARD_LOG_CONFIG" &
server=$!
# Ends with an error where an archive could not be loaded, with which TorchServe calls itself healthy. The shell's own
# number is read from a file: of two dollar signs in a command Kubernetes leaves one.
read -r shell rest </proc/self/stat
{ python "$MODELYARD_READY" "$@" || [ "$?" -ne 1 ] || kill -USR1 "$shell"; } &
while kill -0 "$server" 2>/dev/null; do wait "$server"; done
exit "$failed"
