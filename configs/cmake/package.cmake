# `cpack -G DEB` in the build folder of the preset `package`: roused and librouse-dev. What
# debhelper would do beyond CPack stands in configs/debian: maintainer scripts, the list of
# configuration files, and finish.cmake.

set(debian_dir ${PROJECT_SOURCE_DIR}/configs/debian)
set(ROUSE_MAINTAINER "The rouse authors <rouse@localhost>" CACHE STRING
    "Who publishes the Debian packages and answers for them: NAME <ADDRESS>")

file(STRINGS ${debian_dir}/changelog newest LIMIT_COUNT 1)
if(NOT newest MATCHES "^rouse \\(([0-9.]+)-([0-9]+)\\) " OR
        NOT CMAKE_MATCH_1 VERSION_EQUAL PROJECT_VERSION)
    message(FATAL_ERROR
        "configs/debian/changelog begins with '${newest}': put ${PROJECT_VERSION}-1 there first")
endif()
set(debian_revision ${CMAKE_MATCH_2})

foreach(package IN ITEMS roused librouse-dev)
    install(FILES ${debian_dir}/copyright DESTINATION share/doc/${package}
        COMPONENT ${package}-debian EXCLUDE_FROM_ALL)
    install(FILES ${debian_dir}/changelog DESTINATION share/doc/${package}
        RENAME changelog.Debian COMPONENT ${package}-debian EXCLUDE_FROM_ALL)
    install(FILES CHANGELOG.md DESTINATION share/doc/${package}
        RENAME changelog COMPONENT ${package}-debian EXCLUDE_FROM_ALL)
    install(FILES ${debian_dir}/lintian-overrides DESTINATION share/lintian/overrides
        RENAME ${package} COMPONENT ${package}-debian EXCLUDE_FROM_ALL)
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME rouse)
# Each package has its own; this one would be put in front of it.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(CPACK_PACKAGE_VENDOR "The rouse authors")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${debian_dir}/finish.cmake)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL roused roused-debian librouse-dev librouse-dev-debian)
set(CPACK_COMPONENT_ROUSED_GROUP roused)
set(CPACK_COMPONENT_ROUSED-DEBIAN_GROUP roused)
set(CPACK_COMPONENT_LIBROUSE-DEV_GROUP librouse-dev)
set(CPACK_COMPONENT_LIBROUSE-DEV-DEBIAN_GROUP librouse-dev)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${debian_revision})
set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${ROUSE_MAINTAINER})
set(CPACK_DEBIAN_PACKAGE_SOURCE rouse)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_ROUSED_PACKAGE_NAME roused)
set(CPACK_DEBIAN_ROUSED_PACKAGE_SECTION net)
set(CPACK_DEBIAN_ROUSED_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_ROUSED_PACKAGE_CONTROL_EXTRA
    ${debian_dir}/conffiles ${debian_dir}/postinst ${debian_dir}/prerm ${debian_dir}/postrm)
set(CPACK_DEBIAN_ROUSED_DESCRIPTION "HTTP and echo server on io_uring
roused serves HTTP/1.1 (files by host name, or test routes) and TCP and UDP
echo. It uses io_uring, says at the start what it found, drains when it is
told to end, and is ready for systemd's socket activation.")

set(CPACK_DEBIAN_LIBROUSE-DEV_PACKAGE_NAME librouse-dev)
set(CPACK_DEBIAN_LIBROUSE-DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_LIBROUSE-DEV_PACKAGE_DEPENDS
    "libbrotli-dev, libcrypt-dev, liburing-dev (>= 2.3), libzstd-dev, zlib1g-dev")
set(CPACK_DEBIAN_LIBROUSE-DEV_PACKAGE_SUGGESTS "clang-19, cmake, pkg-config")
set(CPACK_DEBIAN_LIBROUSE-DEV_DESCRIPTION "io_uring server runtime for C++23 (development files)
rouse is a server runtime whose scheduler is the waker contract of Rust's
async ecosystem: tasks, timers, sockets and files on io_uring, with echo and
HTTP/1.1 on top.

This package has headers, static libraries, a CMake package, a pkg-config
file and examples. It needs clang 17 or g++ 13 and newer.")

include(CPack)
