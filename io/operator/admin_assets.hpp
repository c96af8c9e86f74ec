// The files of the admin page: those in the folder io/operator/admin/, and the picture of the flow graph, that is, of
// the steps in which the gateway processes messages. The files are compiled into the program. Any thread may use them.
#pragma once

#include <string_view>

namespace resflow {

struct AdminAsset {
  std::string_view path;  // path of the file in the URL
  std::string_view type;  // value of the Content-Type header
  std::string_view text;
};

// Returns the file at this path; null if there is none.
const AdminAsset* find_admin_asset(std::string_view path);

}  // namespace resflow
