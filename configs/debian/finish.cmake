# What debhelper does to the files of a package before it is packed: cpack runs this.

function(compress file)
    execute_process(COMMAND gzip -9n ${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

foreach(package IN ITEMS roused librouse-dev)
    set(root ${CPACK_TEMPORARY_DIRECTORY}/${package}/usr)
    file(GLOB documents ${root}/share/man/man*/* ${root}/share/doc/${package}/changelog*)
    foreach(document IN LISTS documents)
        compress(${document})
    endforeach()
    # Without what only a linker of the same version could use: bitcode and debug information.
    file(GLOB libraries ${root}/lib/*/*.a ${root}/lib/*.a)
    foreach(library IN LISTS libraries)
        execute_process(
            COMMAND objcopy --strip-debug --wildcard --remove-section .llvm.lto
                --remove-section .gnu.lto_* --remove-section .comment
                --enable-deterministic-archives ${library}
            COMMAND_ERROR_IS_FATAL ANY)
    endforeach()
endforeach()
