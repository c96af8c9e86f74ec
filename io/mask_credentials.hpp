// Hides the credentials of URLs in texts for logs and error messages. Pure; any thread.
#pragma once

#include <string>

namespace resflow {

// Returns the text with the credentials of each URL replaced: `nats://***@host`. The credentials are everything between
// the scheme and the last @ before the next URL, since a password may contain an @. If no scheme comes before an @, all
// text before this @ is replaced.
std::string mask_credentials(std::string text);

}  // namespace resflow
