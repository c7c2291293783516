#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/unique_fd.hpp"
#include "runtime/net/address.hpp"
#include "server/loaded_settings.hpp"
#include "server/passed_sockets.hpp"

namespace rouse::server {

/// The sockets of one worker, bound and listening, before it has a reactor to use them with.
struct worker_sockets {
    std::vector<unique_fd> http;
    std::vector<unique_fd> echo_streams;
    std::vector<unique_fd> echo_datagrams;
    bool http_is_passed = false;  ///< They are systemd's, and so are the files of their paths.
    bool echo_is_passed = false;
};

/// Where the daemon can be reached.
struct bound_address {
    std::string_view protocol;   ///< "http", "echo"
    std::string_view transport;  ///< "tcp", "udp", "unix"
    address where;
};

/// The files of unix sockets that no listener owns yet: removed at the end, unless they are let go.
class unowned_paths {
   public:
    unowned_paths() noexcept = default;
    unowned_paths(unowned_paths&&) noexcept = default;
    unowned_paths& operator=(unowned_paths&&) = delete;
    ~unowned_paths();

    void add(std::string path) { paths_.push_back(std::move(path)); }
    void let_go() noexcept { paths_.clear(); }

   private:
    std::vector<std::string> paths_;
};

struct opened_sockets {
    std::vector<worker_sockets> workers;
    std::vector<bound_address> bound;
    unowned_paths paths;  ///< To be let go when the workers make listeners of their sockets, which
                          ///< remove them.
};

/// Opens every socket of every worker, or says in one line which address cannot be had, why, and
/// where it was asked for: a daemon that starts has all its ports. Each worker has sockets of its
/// own on the same ports (SO_REUSEPORT), except for unix paths, which only the first worker serves.
/// Sockets that were passed are taken in place of the addresses of their protocol; each of them
/// serves all workers, which accept from one queue.
[[nodiscard]] std::expected<opened_sockets, std::string> open_sockets(const loaded_settings& loaded,
                                                                      unsigned workers,
                                                                      passed_sockets passed);

}  // namespace rouse::server
