# What `cmake --install` puts where, in two components: roused, the daemon, and librouse-dev, the
# libraries for who builds on them.

include(CMakePackageConfigHelpers)

set(cmake_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/rouse)
# What is below /usr is configured in /etc.
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
    set(configuration_dir ${CMAKE_INSTALL_FULL_SYSCONFDIR}/roused)
else()
    set(configuration_dir ${CMAKE_INSTALL_SYSCONFDIR}/roused)
endif()

# Machine code beside what thin LTO has, for users with another compiler or linker.
if(CMAKE_INTERPROCEDURAL_OPTIMIZATION)
    target_compile_options(rouse_runtime PRIVATE -ffat-lto-objects)
    target_compile_options(rouse_protocols PRIVATE -ffat-lto-objects)
    target_link_options(roused PRIVATE -ffat-lto-objects)
endif()

# The daemon.
install(TARGETS roused COMPONENT roused)
install(FILES configs/roused.toml DESTINATION ${configuration_dir} COMPONENT roused)
file(GLOB unit_files CONFIGURE_DEPENDS configs/systemd/roused*.service
    configs/systemd/roused*.socket)
install(FILES ${unit_files} DESTINATION lib/systemd/system COMPONENT roused)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/roused COMPONENT roused)
install(FILES configs/sites.toml DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/roused/examples
    COMPONENT roused)
install(FILES docs/man/roused.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8 COMPONENT roused)

set(settings_page ${PROJECT_BINARY_DIR}/generated/roused.toml.5)
add_custom_command(OUTPUT ${settings_page}
    COMMAND settings_manual ${PROJECT_SOURCE_DIR}/docs/man/roused.toml.5.in ${settings_page}
    DEPENDS settings_manual docs/man/roused.toml.5.in
    VERBATIM)
add_custom_target(settings_page ALL DEPENDS ${settings_page})
install(FILES ${settings_page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 COMPONENT roused)

# The libraries.
set_target_properties(rouse_runtime PROPERTIES EXPORT_NAME runtime)
set_target_properties(rouse_protocols PROPERTIES EXPORT_NAME protocols)
install(TARGETS rouse_runtime rouse_protocols EXPORT rouse-targets COMPONENT librouse-dev)
install(DIRECTORY runtime protocols DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/rouse
    COMPONENT librouse-dev FILES_MATCHING PATTERN "*.hpp"
    # Behind make_reactor, and they bring Asio with them.
    PATTERN runtime/reactor/asio EXCLUDE)
install(EXPORT rouse-targets NAMESPACE rouse:: DESTINATION ${cmake_package_dir}
    COMPONENT librouse-dev)
configure_package_config_file(configs/cmake/rouse-config.cmake.in rouse-config.cmake
    INSTALL_DESTINATION ${cmake_package_dir} NO_SET_AND_CHECK_MACRO)
# Interfaces may change with the second number until there is a version 1.
write_basic_package_version_file(rouse-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/rouse-config.cmake
    ${PROJECT_BINARY_DIR}/rouse-config-version.cmake
    DESTINATION ${cmake_package_dir} COMPONENT librouse-dev)
get_target_property(definitions rouse_runtime INTERFACE_COMPILE_DEFINITIONS)
if(definitions)
    list(TRANSFORM definitions PREPEND " -D")
    list(JOIN definitions "" pkg_config_definitions)
endif()
configure_file(configs/cmake/rouse.pc.in rouse.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/rouse.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
    COMPONENT librouse-dev)
install(DIRECTORY examples/ DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/librouse-dev/examples
    COMPONENT librouse-dev)
install(FILES docs/architecture.md docs/wakers.md
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/librouse-dev COMPONENT librouse-dev)
