// What nats.c is told before it connects, above all for security. Private to nats_client.cpp; any thread.
#pragma once

#include <nats/nats.h>

#include <memory>
#include <string>
#include <vector>

#include "io/nats/nats_client.hpp"
#include "io/nats/nats_url.hpp"

namespace resflow {

struct NatsOptionsDestroy {
  void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
};

using NatsLibraryOptions = std::unique_ptr<natsOptions, NatsOptionsDestroy>;

// What the library says of its last failure on this thread.
std::string nats_reason(natsStatus status);

// That the files named can be used: the library looks at some of them only when it is connected, and would ask for the
// passphrase of a key at the terminal. Throws std::runtime_error, which names the file and the reason.
void check_files(const NatsOptions& options);

// Whether servers that do without TLS are refused. One URL that asks for it speaks for all: to fall back to another
// server must not mean to fall back to plain text. So do certificates.
bool wants_tls(const NatsOptions& options, const std::vector<NatsUrl>& urls);

// For one server. Throws std::runtime_error.
NatsLibraryOptions library_options(const NatsOptions& options, const NatsUrl& url, bool tls);

}  // namespace resflow
