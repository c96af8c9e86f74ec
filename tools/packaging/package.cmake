# Defines what is installed, and the Debian package that contains it. `cpack` in the build folder makes the package.
include(GNUInstallDirs)

# The programs. Each has a manual page, man/NAME.1.
set(RESFLOW_PROGRAMS resflow resflow-bench resflow-dot resflow-replay)

set(PACKAGING ${CMAKE_CURRENT_LIST_DIR})
set(PACKAGE_FILES ${CMAKE_BINARY_DIR}/package)
string(TIMESTAMP RESFLOW_BUILD_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)
set(CPACK_PACKAGE_CONTACT "The resflow authors <maintainers@resflow.example>" CACHE STRING
    "Maintainer that the package names")

# Compresses a file and installs it. Debian requires manual pages and the changelog to be compressed, without a time
# stamp.
function(install_compressed source name folder)
  set(compressed ${PACKAGE_FILES}/${name}.gz)
  add_custom_command(OUTPUT ${compressed} COMMAND gzip -9nc ${source} > ${compressed} DEPENDS ${source} VERBATIM)
  add_custom_target(compressed_${name} ALL DEPENDS ${compressed})
  install(FILES ${compressed} DESTINATION ${folder} ${ARGN})
endfunction()

install(TARGETS ${RESFLOW_PROGRAMS} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
foreach(program ${RESFLOW_PROGRAMS})
  install_compressed(${PACKAGING}/man/${program}.1 ${program}.1 ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${PACKAGING}/completions/resflow.bash RENAME ${program}
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
endforeach()
install(FILES ${PACKAGING}/completions/_resflow DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${PACKAGING}/completions/resflow.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

install(FILES ${CMAKE_SOURCE_DIR}/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${CMAKE_SOURCE_DIR}/tools/gateway/README.md RENAME manual.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
file(GLOB MONITORING CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tools/monitoring/*.json
     ${CMAKE_SOURCE_DIR}/tools/monitoring/*.yml)
install(FILES ${MONITORING} DESTINATION ${CMAKE_INSTALL_DATADIR}/resflow/monitoring)

# Files that only the package installs, in fixed places: the service, its configuration, and the files that Debian
# requires.
configure_file(${PACKAGING}/debian/changelog.in ${PACKAGE_FILES}/changelog.txt @ONLY)
install_compressed(${PACKAGE_FILES}/changelog.txt changelog /usr/share/doc/resflow COMPONENT system EXCLUDE_FROM_ALL)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE RENAME copyright DESTINATION /usr/share/doc/resflow
        COMPONENT system EXCLUDE_FROM_ALL)
install(FILES ${PACKAGING}/resflow.service DESTINATION /lib/systemd/system COMPONENT system EXCLUDE_FROM_ALL)
install(PROGRAMS ${PACKAGING}/reload DESTINATION /usr/libexec/resflow COMPONENT system EXCLUDE_FROM_ALL)
install(FILES ${PACKAGING}/resflow.json DESTINATION /etc/resflow COMPONENT system EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_INSTALL_CMAKE_PROJECTS "${CMAKE_BINARY_DIR};resflow;ALL;/;${CMAKE_BINARY_DIR};resflow;system;/")
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "realtime API gateway between RES clients and NATS services")
set(CPACK_PACKAGE_DESCRIPTION
"Services behind a NATS server own resources, JSON models and collections.
Clients, browsers first of all, get them over HTTP, or subscribe to them
over WebSocket and see them live. It takes the place of Resgate: same
protocols, same options, same configuration file, same metrics.")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# libwebsockets loads this library at run time, so the package tools do not find the dependency.
set(CPACK_DEBIAN_PACKAGE_DEPENDS libwebsockets-evlib-uv)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS nats-server)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PACKAGING}/debian/postinst ${PACKAGING}/debian/prerm ${PACKAGING}/debian/postrm
    ${PACKAGING}/debian/conffiles)
include(CPack)
