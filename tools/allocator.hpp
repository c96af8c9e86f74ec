// Makes mimalloc take its memory from the system in huge pages, where the system grants them on request ("madvise" or
// "always" in /sys/kernel/mm/transparent_hugepage/enabled). main() calls it.
//
// The reason: a burst, such as many clients that reconnect at the same time, touches tens of megabytes of memory that
// were not in use before. On a virtual machine the page faults for pages of 4 KiB then cost more than all other work of
// the burst. mimalloc still returns unused memory to the system; with mimalloc's own option for large pages it would
// not.
#pragma once

namespace resflow {

// Call this in main() before other threads start. If the system refuses the memory, and in builds without mimalloc, it
// does nothing.
void use_huge_pages();

// Call this in main() before other threads start. When the system refuses memory, mimalloc ends the process by SIGABRT
// and without a word. After this call, mimalloc first writes to standard error that memory is out. In builds without
// mimalloc, this call does nothing.
void say_when_memory_is_out();

}  // namespace resflow
