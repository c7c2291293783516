# discover_tests(TARGET [PREFIX TEXT] [PROPERTY VALUE]...): every test case of a doctest program
# becomes a ctest test named "suite: case", behind the prefix, so that `ctest -R runtime/waker` runs
# one suite. (doctest's own module knows no suites, and a name that stands in two of them would run
# both.) This file is also the script that lists the cases after each link.

if(NOT CMAKE_SCRIPT_MODE_FILE)
    set(discover_tests_script ${CMAKE_CURRENT_LIST_FILE})

    function(discover_tests target)
        cmake_parse_arguments(PARSE_ARGV 1 given "" "PREFIX" "")
        set(list_file ${CMAKE_CURRENT_BINARY_DIR}/${target}_list.cmake)
        add_custom_command(TARGET ${target} POST_BUILD
            BYPRODUCTS ${list_file}
            COMMAND ${CMAKE_COMMAND} -D program=$<TARGET_FILE:${target}> -D list_file=${list_file}
                    -D "properties=${given_UNPARSED_ARGUMENTS}" -D "prefix=${given_PREFIX}"
                    -P ${discover_tests_script}
            VERBATIM)
        set(include_file ${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake)
        file(WRITE ${include_file}
            "if(EXISTS [==[${list_file}]==])\n"
            "    include([==[${list_file}]==])\n"
            "else()\n"
            "    add_test([==[${target} is not built]==] ${target}-is-not-built)\n"
            "endif()\n")
        set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${include_file})
    endfunction()
    return()
endif()

cmake_minimum_required(VERSION 3.25)
execute_process(
    COMMAND ${program} --list-test-cases --reporters=xml
    OUTPUT_VARIABLE listing
    COMMAND_ERROR_IS_FATAL ANY)

# Out of XML, and out of what CMake's lists and doctest's filters would read as syntax.
string(REPLACE "&lt;" "<" listing "${listing}")
string(REPLACE "&gt;" ">" listing "${listing}")
string(REPLACE "&quot;" "'" listing "${listing}")
string(REPLACE "&amp;" "&" listing "${listing}")
string(REPLACE ";" "," listing "${listing}")
string(REPLACE "[" "(" listing "${listing}")
string(REPLACE "]" ")" listing "${listing}")
string(REPLACE "*" "+" listing "${listing}")
string(REPLACE "\\" "/" listing "${listing}")

string(REGEX MATCHALL "<TestCase [^\n]*skipped=\"false\"" cases "${listing}")
list(JOIN properties " " properties)
set(names "")
set(script "")
foreach(case IN LISTS cases)
    string(REGEX MATCH " name=\"([^\"]*)\"( testsuite=\"([^\"]*)\")?" unused "${case}")
    set(suite "${CMAKE_MATCH_3}")
    set(test "${CMAKE_MATCH_1}")
    set(name "${prefix}${suite}: ${test}")
    # A question mark matches any one character: whichever stood there before.
    string(REGEX REPLACE "[,'/+()]" "?" test_filter "${test}")
    string(REGEX REPLACE "[,'/+()]" "?" suite_filter "${suite}")
    if(name IN_LIST names)
        message(FATAL_ERROR "Two test cases are named \"${name}\"")
    endif()
    list(APPEND names "${name}")
    # The regular expression: a filter that matches nothing is a success for doctest.
    string(APPEND script
        "add_test([==[${name}]==] [==[${program}]==]\n"
        "    [==[--test-suite=${suite_filter}]==] [==[--test-case=${test_filter}]==])\n"
        "set_tests_properties([==[${name}]==] PROPERTIES ${properties}\n"
        "    FAIL_REGULAR_EXPRESSION [==[test cases: *0 ]==])\n")
endforeach()
file(WRITE ${list_file} "${script}")
