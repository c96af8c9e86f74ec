#!/usr/bin/env bash
# The layers, nodes <- graph and nodes <- io, the rooms within them, the bounds of a file, and hashes of texts with a
# seed, as a test. Each violation is printed as file:line: what is wrong.
#
#   tests/layers_test.sh SOURCE_DIR     judges the sources there
#   tests/layers_test.sh --self-test    shows, on made-up sources, that each rule is seen to be broken
set -euo pipefail

readonly FOLDERS=(nodes graph io tools tests examples .ci)

# Code of every kind, scripts without an ending, and CMakeLists.txt at the top; not what npm has installed.
list_files() {
  local folder present=()
  for folder in "${FOLDERS[@]}" CMakeLists.txt; do
    [[ ! -e $folder ]] || present+=("$folder")
  done
  ((${#present[@]} > 0)) || return 0
  find "${present[@]}" -name node_modules -prune -o -type f \
    \( -name '*.[ch]pp' -o -name '*.[ch]' -o -name '*.js' -o -name '*.mjs' -o -name '*.html' -o -name '*.css' \
    -o -name '*.sh' -o -name '*.cmake' -o -name CMakeLists.txt \
    -o \( -path 'tools/*' -o -path '.ci/*' \) ! -name '*.*' \) -print | sort
}

# Reads the files named; fails when a rule is broken.
judge() {
  awk '
    function violation(line, text) { printf "%s:%d: %s\n", FILENAME, line, text; failed = 1 }

    function is_in(folder) { return index(FILENAME, folder "/") == 1 }

    # Where texts that outsiders choose are hashed with a seed (nodes/base/text_hash.hpp).
    function has_seed() {
      return (is_in("nodes") || is_in("graph") || is_in("io")) && FILENAME != "nodes/base/text_hash.cpp"
    }

    # A table of texts, up to the end of its declaration, has a hash of ours.
    function check_table(line) {
      if (table != "" || line ~ table_of_texts) {
        if (table == "") table_line = FNR
        table = table " " line
        if (table !~ /[;{)]/) return
        if (table !~ /TextHash/) violation(table_line, "a table of texts takes TextHash (nodes/base/text_hash.hpp)")
        table = ""
      }
    }

    # The load tool and the examples are, or play, services.
    function speaks_nats() { return is_in("tools/bench") || is_in("examples") }

    function check_include(name) {
      if (name ~ tbb && !is_in("graph") && !is_in("tests")) violation(FNR, "only graph/ uses TBB: " name)
      if (name ~ outside && !is_in("io") && !is_in("tests") && !(name ~ nats && speaks_nats())) {
        violation(FNR, "only io/ uses " name)
      }
      if (name ~ /^prometheus\// && (is_in("nodes") || is_in("graph"))) violation(FNR, "only io/ and tools/ use " name)
      if (is_in("nodes") && name ~ impure) violation(FNR, "nodes/ is pure logic, no place for <" name ">")
      if (is_in("nodes") && name ~ /^(\.\.\/)*(graph|io|tools)\//) violation(FNR, "nodes/ must not know " name)
      if (is_in("graph") && name ~ /^(\.\.\/)*(io|tools)\//) violation(FNR, "graph/ must not know " name)
      if (is_in("io") && name ~ /^(\.\.\/)*(graph|tools)\//) violation(FNR, "io/ must not know " name)
      check_room(name)
      # The load tool is for any gateway, and plays the services itself.
      if (is_in("tools/bench") && name ~ /^(\.\.\/)*(graph|io)\//) violation(FNR, "tools/bench/ must not know " name)
      # An example shows what anybody can write who does not have the sources of the gateway.
      if (is_in("examples") && name ~ /^(\.\.\/)*(nodes|graph|io|tools)\//) violation(FNR, "examples/ must not know " name)
    }

    # The room of a file: the folder below its layer, as nodes/cache, or the layer itself, as nodes.
    function room_of(name,   parts, count) {
      count = split(name, parts, "/")
      return count < 3 ? parts[1] : parts[1] "/" parts[2]
    }

    # Within nodes/ and io/ a room knows itself and the rooms that are open to it.
    function check_room(name,   from, to) {
      from = room_of(FILENAME)
      to = room_of(name)
      if (from == to || !(from in open_to) || !(to in open_to)) return
      if (substr(from, 1, 2) != substr(to, 1, 2)) return # of another layer
      if (index(" " open_to[from] " ", " " to " ") == 0) violation(FNR, from "/ must not know " name)
    }

    BEGIN {
      # base is for all, protocol for all but base; a node knows no other node.
      open_to["nodes/base"] = ""
      open_to["nodes/protocol"] = "nodes/base"
      open_to["nodes"] = "nodes/base nodes/protocol"
      for (i = split("parse session authorize ask cache encode", node, " "); i > 0; --i) {
        open_to["nodes/" node[i]] = "nodes nodes/base nodes/protocol"
      }
      open_to["io"] = ""
      open_to["io/fetch"] = ""
      open_to["io/tls"] = "io"
      open_to["io/web"] = "io io/tls"
      open_to["io/nats"] = "io io/tls"
      open_to["io/capture"] = "io"
      open_to["io/config"] = "io io/capture io/nats"
      open_to["io/operator"] = "io io/web io/nats io/capture io/config"
      text = "(const[ \t]+)?std::(basic_)?string(_view)?"
      table_of_texts = "unordered_(flat_|node_)?(multi)?(map|set)<[ \t]*" text "[ \t]*[,>]"
      hash_of_text = "(std::hash<[ \t]*" text "|std::hash<>|boost::hash|hash_range|hash_value)"
      tbb = "^(oneapi/|tbb/|tbb\\.h$)"
      nats = "^nats(/|\\.h$)"
      outside = nats "|^(libwebsockets|lws|uv\\.h$|uv/|curl/)"
      threads = "thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token"
      impure = "^(" threads "|chrono|iostream|fstream)$"
      max_lines = 700
      # Spelled so that this file does not find itself.
      unfinished = "(^|[^A-Za-z0-9_])(TO" "DO|FIX" "ME|XX" "X)([^A-Za-z0-9_]|$)"
    }

    FNR == max_lines + 1 { violation(FNR, "a file has at most " max_lines " lines") }

    FNR == 1 { table = "" }

    has_seed() && !/^[ \t]*\/\// {
      if ($0 ~ hash_of_text) violation(FNR, "texts are hashed by hash_text (nodes/base/text_hash.hpp)")
      check_table($0)
    }

    $0 ~ unfinished { violation(FNR, "finish it, or take it out") }

    /^[ \t]*#[ \t]*include[ \t]*[<"]/ {
      name = $0
      sub(/^[^<"]*[<"]/, "", name)
      sub(/[>"].*/, "", name)
      check_include(name)
    }

    END { exit failed }
  ' "$@"
}

check_tree() {
  cd "$1"
  local files=()
  mapfile -t files < <(list_files)
  if ((${#files[@]} == 0)); then
    printf '%s: no sources here\n' "$1" >&2
    return 1
  fi
  judge "${files[@]}"
}

# self_test: a tree in which each line of `expected` is a violation, and nothing else is.

tree=
expected=

# put FILE LINE [VIOLATION]: appends the line to the file, and expects the violation there.
put() {
  mkdir -p "$tree/$(dirname "$1")"
  printf '%s\n' "$2" >>"$tree/$1"
  (($# < 3)) || expected+="$1:$(wc -l <"$tree/$1"): $3"$'\n'
}

put_allowed() {
  put nodes/good.hpp '#include <vector>'
  put nodes/good.hpp '#include <boost/graph/adjacency_list.hpp>' # a folder of that name elsewhere is no layer of ours
  put nodes/good.hpp '#include "nodes/protocol/ids.hpp"'
  put nodes/good.hpp '// methods TODOS and XXXX are names, <thread> in a comment is none'
  put nodes/good.hpp 'std::unordered_map<std::string, int, TextHash, std::equal_to<>> by_name;'
  put nodes/good.hpp 'boost::unordered_flat_map<std::string_view, int,'
  put nodes/good.hpp '                          TextHash> by_name;'
  put nodes/good.hpp 'boost::unordered_flat_map<std::uint64_t, std::string> names;'
  put nodes/good.hpp 'std::map<std::string, int> sorted;'
  put nodes/good.hpp 'template <> struct std::hash<resflow::ConnId> {};'
  put nodes/good.hpp '// std::hash<std::string> has no seed'
  put nodes/base/text_hash.cpp 'std::hash<std::string_view>{}(name)'
  put tools/bench/good.hpp 'std::unordered_map<std::string, int> figures;'
  put nodes/cache/good.cpp '#include "nodes/messages.hpp"'
  put nodes/cache/good.cpp '#include "nodes/protocol/rid.hpp"'
  put nodes/protocol/good.cpp '#include "nodes/base/text_hash.hpp"'
  put io/web/good.cpp '#include "io/file.hpp"'
  put io/web/good.cpp '#include "nodes/protocol/ports.hpp"'
  put io/operator/good.cpp '#include "io/web/web_server.hpp"'
  put graph/good.cpp '#include <oneapi/tbb/flow_graph.h>'
  put graph/good.cpp '#include "nodes/good.hpp"'
  put io/good.cpp '#include <libwebsockets.h>'
  put io/good.cpp '#  include <uv.h>'
  put io/good.cpp '#include <nats/nats.h>'
  put io/fetch/good.cpp '#include <curl/curl.h>'
  put io/good.cpp '#include <prometheus/metric_family.h>'
  put io/good.cpp '#include <thread>'
  put tools/good.cpp '#include "graph/wiring.hpp"'
  put tools/good.cpp '#include "io/server.hpp"'
  put tools/bench/good.cpp '#include <nats/nats.h>'
  put tools/bench/good.cpp '#include "nodes/good.hpp"'
  put examples/books/good.cpp '#include <nats/nats.h>'
  put examples/books/good.cpp '#include "examples/books/library.hpp"'
  put tools/good.cpp '#include <prometheus/registry.h>'
  put tests/good_test.cpp '#include <tbb/task_arena.h>'
  put tests/corpus/0af3 '# XX''X is data here'
  put tests/node_modules/other/bad.js '// FIX''ME of somebody else'
  local line
  for ((line = 0; line < 700; ++line)); do printf '//\n'; done >"$tree/io/long_enough.cpp"
}

put_violations() {
  local header
  for header in thread mutex shared_mutex condition_variable future chrono iostream fstream; do
    put nodes/impure.cpp "#include <$header>" "nodes/ is pure logic, no place for <$header>"
  done
  put nodes/upward.hpp '#include "graph/lane.hpp"' 'nodes/ must not know graph/lane.hpp'
  put nodes/upward.hpp '#include "io/server.hpp"' 'nodes/ must not know io/server.hpp'
  put nodes/upward.hpp ' # include "../tools/main.hpp"' 'nodes/ must not know ../tools/main.hpp'
  put nodes/upward.hpp '#include <tbb/tbb.h>' 'only graph/ uses TBB: tbb/tbb.h'
  put nodes/upward.hpp '#include <nats/nats.h>' 'only io/ uses nats/nats.h'
  put nodes/upward.hpp '#include <prometheus/counter.h>' 'only io/ and tools/ use prometheus/counter.h'
  put nodes/hash.hpp 'std::hash<std::string_view>{}(name)' 'texts are hashed by hash_text (nodes/base/text_hash.hpp)'
  put nodes/hash.hpp 'std::hash< std::string >()(name)' 'texts are hashed by hash_text (nodes/base/text_hash.hpp)'
  put graph/hash.hpp 'boost::hash<std::string>()(name)' 'texts are hashed by hash_text (nodes/base/text_hash.hpp)'
  put nodes/hash.hpp 'std::unordered_map<std::string, int> by_name;' 'a table of texts takes TextHash (nodes/base/text_hash.hpp)'
  put io/hash.hpp 'std::unordered_set<std::string_view>' 'a table of texts takes TextHash (nodes/base/text_hash.hpp)'
  put io/hash.hpp '    seen;'
  put nodes/hash.hpp 'boost::unordered_flat_set<std::string> names;' \
    'a table of texts takes TextHash (nodes/base/text_hash.hpp)'
  put nodes/base/rooms.hpp '#include "nodes/protocol/rid.hpp"' 'nodes/base/ must not know nodes/protocol/rid.hpp'
  put nodes/protocol/rooms.hpp '#include "nodes/messages.hpp"' 'nodes/protocol/ must not know nodes/messages.hpp'
  put nodes/session/rooms.hpp '#include "nodes/cache/cache.hpp"' 'nodes/session/ must not know nodes/cache/cache.hpp'
  put nodes/write.hpp '#include "nodes/cache/cache.hpp"' 'nodes/ must not know nodes/cache/cache.hpp'
  put io/file.hpp '#include "io/web/upgrade.hpp"' 'io/ must not know io/web/upgrade.hpp'
  put io/web/rooms.hpp '#include "io/nats/nats_client.hpp"' 'io/web/ must not know io/nats/nats_client.hpp'
  put graph/outside.cpp '#include "io/server.hpp"' 'graph/ must not know io/server.hpp'
  put graph/outside.cpp '#include "tools/main.hpp"' 'graph/ must not know tools/main.hpp'
  put graph/outside.cpp '#include <uv.h>' 'only io/ uses uv.h'
  put graph/outside.cpp '#include <libwebsockets.h>' 'only io/ uses libwebsockets.h'
  put graph/outside.cpp '#include <prometheus/counter.h>' 'only io/ and tools/ use prometheus/counter.h'
  put io/inside.cpp '#include "graph/lane.hpp"' 'io/ must not know graph/lane.hpp'
  put io/inside.cpp '#include "tools/main.hpp"' 'io/ must not know tools/main.hpp'
  put io/inside.cpp '#include <oneapi/tbb.h>' 'only graph/ uses TBB: oneapi/tbb.h'
  put tools/main.cpp '#include <oneapi/tbb/info.h>' 'only graph/ uses TBB: oneapi/tbb/info.h'
  put tools/main.cpp '#include <curl/curl.h>' 'only io/ uses curl/curl.h'
  put tools/main.cpp '#include <nats/nats.h>' 'only io/ uses nats/nats.h'
  put tools/bench/main.cpp '#include <uv.h>' 'only io/ uses uv.h'
  put tools/bench/main.cpp '#include <tbb/tbb.h>' 'only graph/ uses TBB: tbb/tbb.h'
  put tools/bench/main.cpp '#include "graph/lane.hpp"' 'tools/bench/ must not know graph/lane.hpp'
  put tools/bench/main.cpp '#include "io/server.hpp"' 'tools/bench/ must not know io/server.hpp'
  put examples/books/service.cpp '#include <uv.h>' 'only io/ uses uv.h'
  put examples/books/service.cpp '#include "nodes/protocol/ids.hpp"' 'examples/ must not know nodes/protocol/ids.hpp'
  put tools/script '# TO''DO later' 'finish it, or take it out'
  put examples/page/app.js 'f(); // FIX''ME' 'finish it, or take it out'
  put CMakeLists.txt '# XX''X' 'finish it, or take it out'
  local line
  for ((line = 0; line < 700; ++line)); do printf '//\n'; done >"$tree/io/too_long.cpp"
  put io/too_long.cpp '//' 'a file has at most 700 lines'
}

self_test() {
  tree=$(mktemp -d)
  trap 'rm -r "$tree"' EXIT
  if (check_tree "$tree") 2>/dev/null; then
    printf 'self-test: a folder without sources was accepted\n' >&2
    return 1
  fi
  put_allowed
  (check_tree "$tree") || return 1
  put_violations
  local found status=0
  found=$(check_tree "$tree") || status=$?
  diff <(sort <<<"${expected%$'\n'}") <(sort <<<"$found") || return 1
  ((status != 0))
}

case ${1-} in
  --self-test) self_test ;;
  '' | -*)
    printf 'Usage: %s SOURCE_DIR | --self-test\n' "$0" >&2
    exit 2
    ;;
  *) check_tree "$1" ;;
esac
