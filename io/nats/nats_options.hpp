// Translates the gateway's NatsOptions into the options of the NATS library (nats.c), mainly for TLS and credentials.
// Private to the files nats_*.cpp; any thread.
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

// Returns the reason why the last call of the library on this thread failed.
std::string nats_reason(natsStatus status);

// Checks that the files named in the options can be used. Throws std::runtime_error with the file and the reason if
// not. The library alone would notice some faults only while it connects, and would ask for a key's passphrase at the
// terminal.
void check_files(const NatsOptions& options);

// Returns true if the gateway must use TLS for all servers: if at least one URL begins with tls://, or if the options
// name CA files or a client certificate. One tls:// URL is enough, because otherwise the gateway could go on from a
// failed server with TLS to a server without encryption.
bool wants_tls(const NatsOptions& options, const std::vector<NatsUrl>& urls);

// Returns the library's options for connecting to one server. Throws std::runtime_error if the library rejects an
// option.
NatsLibraryOptions library_options(const NatsOptions& options, const NatsUrl& url, bool tls);

}  // namespace resflow
