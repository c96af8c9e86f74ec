// How the program gets its memory from the system. A burst, such as clients that come back all at once, touches tens of
// megabytes that were not in use before, and on a virtual machine the faults of 4 KiB pages cost more than all else
// that is done with them. So mimalloc gets its memory in huge pages where the system has them for who asks ("madvise"
// or "always" in /sys/kernel/mm/transparent_hugepage/enabled). It gives memory back all the same, other than with its
// own option for large pages.
#pragma once

namespace resflow {

// First thing in main(), before there are other threads. Where it cannot be had nothing changes. Does nothing in builds
// without mimalloc.
void use_huge_pages();

}  // namespace resflow
