#include "server/service_notice.hpp"

#include <ostream>

#include <doctest/doctest.h>

using namespace rouse::server;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("server/service_notice");

TEST_CASE("the status says in words how many listeners and connections there are") {
    CHECK(ready_notice(3, 0) == "READY=1\nSTATUS=serving on 3 listeners; 0 connections");
    CHECK(alive_notice(1, 1) == "WATCHDOG=1\nSTATUS=serving on 1 listener; 1 connection");
    CHECK(draining_notice(2) == "WATCHDOG=1\nSTATUS=draining; 2 connections left");
}

TEST_CASE("a reload says since when it goes on") {
    CHECK(reloading_notice(1s) ==
          "RELOADING=1\nMONOTONIC_USEC=1000000\nSTATUS=opening the access log anew");
}

TEST_CASE("systemd is asked for as long as the drain may take, and some more") {
    CHECK(stopping_notice(10s) ==
          "STOPPING=1\nSTATUS=draining; what is left is cut in 10 s\nEXTEND_TIMEOUT_USEC=20000000");
    CHECK(stopping_notice(1h).ends_with("EXTEND_TIMEOUT_USEC=3610000000"));
    CHECK(stopping_notice(1ms).contains("cut in 1 s"));
}

TEST_SUITE_END();
