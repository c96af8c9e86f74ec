// The files of the admin page, which are compiled in: io/operator/admin/ and the picture of the wiring. Any thread.
#pragma once

#include <string_view>

namespace resflow {

struct AdminAsset {
  std::string_view path;  // of the URL
  std::string_view type;
  std::string_view text;
};

// Null when there is none of that path.
const AdminAsset* find_admin_asset(std::string_view path);

}  // namespace resflow
