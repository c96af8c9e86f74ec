// Translates the gateway's NatsOptions into the options of the NATS library (nats.c), above all for TLS and
// credentials. Private to the files nats_*.cpp; any thread.
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

// Returns why the last call of the library on this thread failed.
std::string nats_reason(natsStatus status);

// Checks that the files of the options can be used. The library itself would open some files only while it connects,
// and would ask for the passphrase of a key at the terminal. Throws std::runtime_error with the file and the reason.
void check_files(const NatsOptions& options);

// Returns true if the gateway accepts only servers with TLS: if one URL begins with tls://, or if there are CA files or
// a client certificate. One tls:// URL is enough for all URLs: when one server fails, the gateway must not connect to
// the next server without encryption.
bool wants_tls(const NatsOptions& options, const std::vector<NatsUrl>& urls);

// Returns the library's options for connecting to one server. Throws std::runtime_error if the library rejects an
// option.
NatsLibraryOptions library_options(const NatsOptions& options, const NatsUrl& url, bool tls);

}  // namespace resflow
