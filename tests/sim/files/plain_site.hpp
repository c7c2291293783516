#pragma once

#include "protocols/http/router.hpp"
#include "runtime/fs/directory.hpp"
#include "runtime/fs/file_block.hpp"

namespace rouse::sim {

/// What a handler needs to serve files as they are, with nothing but the operations of the runtime.
struct plain_site {
    directory root;
    file_blocks::handle blocks = file_blocks::make();
};

/// The routes of a server of files. The site outlives them.
void add_plain_site(http::router& routes, plain_site& site);

}  // namespace rouse::sim
