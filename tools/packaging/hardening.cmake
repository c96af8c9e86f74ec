# Compiler and linker options that make memory errors hard to exploit. They are those of Debian's hardening=+all: stack
# protector, checked string functions, stack-clash protection, control-flow protection (on processors that have it),
# position-independent programs, and relocations that are read-only from the start. Builds with sanitizers do not use
# these options: sanitizers find memory errors themselves, and some of the options conflict with them.
include(CheckCXXCompilerFlag)
check_cxx_compiler_flag(-fcf-protection RESFLOW_HAS_CF_PROTECTION)

add_library(resflow_hardening INTERFACE)
target_compile_options(resflow_hardening INTERFACE -fPIE -fstack-protector-strong -fstack-clash-protection
                       $<$<BOOL:${RESFLOW_HAS_CF_PROTECTION}>:-fcf-protection>)
target_link_options(resflow_hardening INTERFACE -pie LINKER:-z,relro,-z,now)

# GCC supports level 3 from version 12 on. Level 3 also checks sizes that are known only at run time.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12)
  set(RESFLOW_FORTIFY 2)
else()
  set(RESFLOW_FORTIFY 3)
endif()
target_compile_options(resflow_hardening INTERFACE
                       "SHELL:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=${RESFLOW_FORTIFY}")
