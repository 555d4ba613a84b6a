# Ends with the server, and when it is told to. The image's own entrypoint does neither: it starts TorchServe in the
# background and waits for ever, and a Python process that is the container's first one does not see SIGTERM.
failed=0
stop() { torchserve --stop --foreground >/dev/null 2>&1; }
trap stop TERM INT
trap 'failed=1; stop' USR1
torchserve --start --foreground --ncs --ts-config "$TS_CONFIG_FILE" --log-config "$MODELYARD_LOG_CONFIG" &
server=$!
# TorchServe calls itself healthy with an archive that it could not load.
{ python "$MODELYARD_LOADED" "$@" || kill -USR1 $$; } &
check=$!
while kill -0 "$server" 2>/dev/null; do wait "$server"; done
kill "$check" 2>/dev/null
exit "$failed"
